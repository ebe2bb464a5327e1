// Command go-app is a web app that asks its config-server sidecar for its configuration and passes
// the answer on.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// App and sidecars start together, in no order: a request waits this long for a sidecar that is not up yet.
const patience = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, log.New(os.Stdout, "", 0), os.Getenv)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "go-app: %s\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, logger *log.Logger, getenv func(string) string) error {
	configPort := getenv("CONFIG_SERVER_PORT")
	if configPort == "" {
		return errors.New("CONFIG_SERVER_PORT is not set: give it in the manifest's env")
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", greet)
	mux.HandleFunc("GET /config", config(logger, configPort))

	return serve(ctx, logger, getenv("PORT"), mux)
}

func greet(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "Hello from go-app! What its sidecar knows is at /config.")
}

func config(logger *log.Logger, port string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		address := fmt.Sprintf("localhost:%s/config/", port)
		logger.Printf("Sending a request to the config-server sidecar at %s", address)

		answer, err := ask(r.Context(), "http://"+address)
		if err != nil {
			logger.Printf("The config-server sidecar does not answer: %s", err)
			http.Error(w, "The config-server sidecar does not answer: "+err.Error(), http.StatusBadGateway)
			return
		}

		// The configuration holds a password, so the log gets its size alone.
		logger.Printf("Received %d bytes from the config-server sidecar", len(answer))
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
	}
}

// ask returns the body found at url, trying again until there is one or patience is at its end.
func ask(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()

	for {
		body, err := get(ctx, url)
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

func get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()

	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s answered %s", url, response.Status)
	}
	return io.ReadAll(response.Body)
}

// serve answers on all interfaces until ctx ends.
func serve(ctx context.Context, logger *log.Logger, port string, handler http.Handler) error {
	if port == "" {
		return errors.New("PORT is not set: the platform gives it")
	}

	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return fmt.Errorf("failed to listen on port %s: %w", port, err)
	}
	logger.Printf("go-app is ready on port %s", port)

	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })

	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("failed to serve: %w", err)
	}
	return nil
}
