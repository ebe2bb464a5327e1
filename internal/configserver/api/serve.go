package api

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Serve answers with handler on listener until ctx is done, then waits for
// requests in flight, but for no longer than grace, and cuts off what is left.
// That is a clean stop, too: a client that never ends is no fault of ours.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, grace time.Duration, logger *log.Logger) error {
	limited := limit(listener)
	server := &http.Server{
		ConnState:                    limited.changed,
		Handler:                      handler,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            5 * time.Second,
		ReadTimeout:                  10 * time.Second,
		WriteTimeout:                 30 * time.Second,
		IdleTimeout:                  time.Minute,
		MaxHeaderBytes:               16 << 10,
		// Its lines would mix with the app's on stderr.
		ErrorLog: log.New(io.Discard, "", 0),
	}

	ended := make(chan error, 1)
	go func() { ended <- server.Serve(limited) }()

	select {
	case err := <-ended:
		return fmt.Errorf("failed to serve on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}

	logger.Print("Stopping.")
	err := stop(server, grace)
	<-ended
	return err
}

func stop(server *http.Server, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()

	if server.Shutdown(ctx) == nil {
		return nil
	}
	if err := server.Close(); err != nil {
		return fmt.Errorf("failed to close the connections: %w", err)
	}
	return nil
}
