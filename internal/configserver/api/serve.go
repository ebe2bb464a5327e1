package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Serve serves on all listeners until ctx is done. It then waits for requests in flight, at most for grace, and
// cuts off the rest. That is a clean stop, too: a client that never finishes is not an error of ours.
func Serve(ctx context.Context, listeners []net.Listener, handler http.Handler, grace time.Duration, logger *log.Logger) error {
	ended := make(chan error, len(listeners))
	var servers []*http.Server
	for _, listener := range listeners {
		limited := limit(listener)
		server := newServer(limited, handler)
		servers = append(servers, server)
		go func() {
			ended <- fmt.Errorf("failed to serve on %s: %w", listener.Addr(), server.Serve(limited))
		}()
	}

	var failure error
	left := len(servers)
	select {
	case failure = <-ended:
		left--
	case <-ctx.Done():
		logger.Print("Stopping.")
	}
	err := stop(servers, grace)
	for range left {
		<-ended
	}
	return errors.Join(failure, err)
}

func newServer(limited *limited, handler http.Handler) *http.Server {
	return &http.Server{
		ConnState:                    limited.changed,
		Handler:                      handler,
		DisableGeneralOptionsHandler: true,
		MaxHeaderBytes:               16 << 10,
		// net/http's lines would mix with the app's on stderr.
		ErrorLog: log.New(io.Discard, "", 0),
	}
}

func stop(servers []*http.Server, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()

	var failures []error
	for _, server := range servers {
		if server.Shutdown(ctx) == nil {
			continue
		}
		if err := server.Close(); err != nil {
			failures = append(failures, fmt.Errorf("failed to close the connections: %w", err))
		}
	}
	return errors.Join(failures...)
}
