// Command worker-app is an app of two processes, web and worker, with two sidecars, metrics and queue: one
// binary, of which the first argument chooses what it is.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, log.New(os.Stdout, "", 0), os.Getenv, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "worker-app: %s\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, logger *log.Logger, getenv func(string) string, args []string) error {
	mode := ""
	if len(args) == 1 {
		mode = args[0]
	}
	limit := getenv("MEMORY_LIMIT")

	switch mode {
	case "web":
		mux := http.NewServeMux()
		mux.HandleFunc("GET /{$}", greet)
		mux.HandleFunc("GET /processes", processes(limit))
		return serve(ctx, logger, getenv("PORT"), mux)
	case "worker", "metrics", "queue":
		beat(ctx, logger, mode, limit)
		return nil
	default:
		return fmt.Errorf("found arguments %q, want one of web, worker, metrics, queue", args)
	}
}

// beat writes a first line with the memory limit that the platform gave, then a line every five seconds.
func beat(ctx context.Context, logger *log.Logger, name, limit string) {
	if limit == "" {
		limit = "unknown"
	}
	logger.Printf("%s is ready, MEMORY_LIMIT is %s", name, limit)

	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()

	for n := 1; ; n++ {
		logger.Printf("%s heartbeat %d", name, n)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func greet(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "Hello from worker-app! /processes lists the processes in its container.")
}

func processes(limit string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		running, err := modes("/proc")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}

		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"memory_limit": limit, "processes": running})
	}
}

// modes returns, sorted, the modes in which this very binary runs here. In a container those are the process
// that it was made for and the sidecars attached to that process.
func modes(proc string) ([]string, error) {
	own, err := os.Readlink(filepath.Join(proc, "self", "exe"))
	if err != nil {
		return nil, fmt.Errorf("failed to find the running binary: %w", err)
	}

	links, err := filepath.Glob(filepath.Join(proc, "[0-9]*", "exe"))
	if err != nil {
		return nil, fmt.Errorf("failed to list the processes: %w", err)
	}

	var found []string
	for _, link := range links {
		// A process may end between being listed and being read, or belong to another user: then it is not ours.
		binary, err := os.Readlink(link)
		if err != nil || binary != own {
			continue
		}
		line, err := os.ReadFile(filepath.Join(filepath.Dir(link), "cmdline"))
		if err != nil {
			continue
		}
		if args := bytes.Split(line, []byte{0}); len(args) > 1 {
			found = append(found, string(args[1]))
		}
	}

	slices.Sort(found)
	return found, nil
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
	logger.Printf("worker-app is ready on port %s", port)

	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })

	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("failed to serve: %w", err)
	}
	return nil
}
