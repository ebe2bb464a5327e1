// Command shared-file-app is a web app and its sidecar, a reporter, that share a file: one binary, of which the
// first argument chooses what it is.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

type report struct {
	Number    int       `json:"number"`
	WrittenAt time.Time `json:"written_at"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, log.New(os.Stdout, "", 0), os.Getenv, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "shared-file-app: %s\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, logger *log.Logger, getenv func(string) string, args []string) error {
	mode := ""
	if len(args) == 1 {
		mode = args[0]
	}

	// HOME is the app's directory, for the app and for its sidecars alike.
	home := getenv("HOME")
	if home == "" {
		return errors.New("HOME is not set: the platform gives it")
	}
	path := filepath.Join(home, "shared", "report.json")

	switch mode {
	case "web":
		mux := http.NewServeMux()
		mux.HandleFunc("GET /{$}", greet)
		mux.HandleFunc("GET /file", show(path))
		return serve(ctx, logger, getenv("PORT"), mux)
	case "reporter":
		return keepReporting(ctx, logger, path)
	default:
		return fmt.Errorf("found arguments %q, want one of web, reporter", args)
	}
}

// keepReporting is the sidecar: it writes a new report every second.
func keepReporting(ctx context.Context, logger *log.Logger, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("failed to make the shared directory: %w", err)
	}
	logger.Printf("reporter is ready, writing %s every second", path)

	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()

	for n := 1; ; n++ {
		if err := replace(path, report{Number: n, WrittenAt: time.Now().UTC()}); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// replace writes the report to a temporary file and renames it, so that a reader finds the old or the new, never
// a half.
func replace(path string, r report) error {
	content, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("failed to encode the report: %w", err)
	}

	unfinished := path + ".new"
	if err := os.WriteFile(unfinished, append(content, '\n'), 0o644); err != nil {
		return fmt.Errorf("failed to write the report: %w", err)
	}
	if err := os.Rename(unfinished, path); err != nil {
		return fmt.Errorf("failed to put the report in its place: %w", err)
	}
	return nil
}

func greet(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "Hello from shared-file-app! What its sidecar wrote last is at /file.")
}

// show answers with the file at path. App and sidecars start together, in no order, so it may not be there yet.
func show(path string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		content, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			w.Header().Set("Retry-After", "1")
			http.Error(w, "The reporter sidecar has not written its file yet.", http.StatusServiceUnavailable)
		case err != nil:
			http.Error(w, "The reporter sidecar's file cannot be read: "+err.Error(), http.StatusInternalServerError)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.Write(content)
		}
	}
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
	logger.Printf("shared-file-app is ready on port %s", port)

	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })

	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("failed to serve: %w", err)
	}
	return nil
}
