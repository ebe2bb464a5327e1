// Command unix-socket-app is a web app and its sidecar, a clock, that talk over a Unix socket: one binary, of
// which the first argument chooses what it is.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// App and sidecars are started in the same directory, so the bare name leads both to the same socket. A longer
// path could break: the kernel takes some hundred bytes.
const socket = "clock.sock"

// App and sidecars start together, in no order: a request waits this long for a sidecar that is not up yet.
const patience = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, log.New(os.Stdout, "", 0), os.Getenv, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "unix-socket-app: %s\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, logger *log.Logger, getenv func(string) string, args []string) error {
	mode := ""
	if len(args) == 1 {
		mode = args[0]
	}

	switch mode {
	case "web":
		return web(ctx, logger, getenv("PORT"))
	case "clock":
		return clock(ctx, logger)
	default:
		return fmt.Errorf("found arguments %q, want one of web, clock", args)
	}
}

// clock is the sidecar: it tells the time to whoever asks over the socket.
func clock(ctx context.Context, logger *log.Logger) error {
	// A clock that was killed leaves its socket behind, and a new one cannot listen on it.
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("failed to remove the old socket: %w", err)
	}

	listener, err := net.Listen("unix", socket)
	if err != nil {
		return fmt.Errorf("failed to listen on %s: %w", socket, err)
	}
	logger.Printf("clock is ready on %s", socket)

	return serve(ctx, listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		logger.Print("Received a request for the time.")
		fmt.Fprintln(w, time.Now().UTC().Format(time.RFC3339Nano))
	}))
}

// web is the app.
func web(ctx context.Context, logger *log.Logger, port string) error {
	if port == "" {
		return errors.New("PORT is not set: the platform gives it")
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "Hello from unix-socket-app! What its sidecar's clock says is at /time.")
	})
	mux.HandleFunc("GET /time", tell(logger))

	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return fmt.Errorf("failed to listen on port %s: %w", port, err)
	}
	logger.Printf("unix-socket-app is ready on port %s", port)

	return serve(ctx, listener, mux)
}

func tell(logger *log.Logger) http.HandlerFunc {
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", socket)
		},
	}}

	return func(w http.ResponseWriter, r *http.Request) {
		logger.Printf("Sending a request to the clock sidecar at %s", socket)

		answer, err := ask(r.Context(), client)
		if err != nil {
			logger.Printf("The clock sidecar does not answer: %s", err)
			http.Error(w, "The clock sidecar does not answer: "+err.Error(), http.StatusBadGateway)
			return
		}

		logger.Printf("Received %d bytes from the clock sidecar", len(answer))
		w.Write(answer)
	}
}

// ask returns the clock's answer, trying again until there is one or patience is at its end.
func ask(ctx context.Context, client *http.Client) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()

	for {
		body, err := get(ctx, client)
		if err == nil {
			return body, nil
		}

		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func get(ctx context.Context, client *http.Client) ([]byte, error) {
	// HTTP wants a host, but the dialer knows only the socket.
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://clock/", nil)
	if err != nil {
		return nil, err
	}

	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()

	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the clock answered %s", response.Status)
	}
	return io.ReadAll(response.Body)
}

// serve answers on listener until ctx ends; closing a listener on a Unix socket removes the socket.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })

	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("failed to serve: %w", err)
	}
	return nil
}
