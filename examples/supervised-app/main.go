// Command supervised-app is a web app and two sidecars, of which the buildpack takes care: one binary, of which
// the first argument chooses what it is.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, log.New(os.Stdout, "", 0), os.Getenv, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "supervised-app: %s\n", err)
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
		return web(ctx, logger, getenv("PORT"), "http://localhost:"+getenv("NUMBERS_PORT"))
	case "numbers":
		return numbers(ctx, logger, getenv("NUMBERS_PORT"))
	case "gateway":
		return gateway(ctx, logger, getenv("PORT"), getenv("APP_PORT"))
	default:
		return fmt.Errorf("found arguments %q, want one of web, numbers, gateway", args)
	}
}

// web is the app. It asks for a number once, before it listens, and gives up if there is none: the platform starts
// it together with its sidecars, but hold-app lets it wait until this one is ready.
func web(ctx context.Context, logger *log.Logger, port, sidecar string) error {
	first, err := get(ctx, sidecar+"/next")
	if err != nil {
		return fmt.Errorf("failed to get the first number: %w", err)
	}
	logger.Printf("supervised-app starts with number %s", first)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "Hello from supervised-app! Its sidecar's next number is at /next; POST to /crash ends that sidecar.")
	})
	mux.HandleFunc("GET /next", relay(sidecar+"/next"))
	mux.HandleFunc("POST /crash", relay(sidecar+"/crash"))
	// The app still answers requests that are in progress when it is told to stop.
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, _ *http.Request) {
		logger.Print("supervised-app answers in two seconds")
		time.Sleep(2 * time.Second)
		fmt.Fprintln(w, "done")
	})
	return serve(ctx, logger, "supervised-app", port, mux)
}

// relay answers with what the sidecar answers.
func relay(address string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := get(r.Context(), address)
		if err != nil {
			http.Error(w, "The numbers sidecar does not answer: "+err.Error(), http.StatusBadGateway)
			return
		}
		w.Write(answer)
	}
}

func get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

// numbers is a sidecar that takes a second to start, and ends when it is asked to.
func numbers(ctx context.Context, logger *log.Logger, port string) error {
	time.Sleep(time.Second)

	var count atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /next", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, count.Add(1)) })
	mux.HandleFunc("GET /crash", func(http.ResponseWriter, *http.Request) {
		logger.Print("numbers ends with status 3")
		os.Exit(3)
	})
	return serve(ctx, logger, "numbers", port, mux)
}

// gateway is a sidecar that receives the app's traffic: it has the platform's port, and the app has another one.
func gateway(ctx context.Context, logger *log.Logger, port, appPort string) error {
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "localhost:" + appPort})
	proxy.ModifyResponse = func(response *http.Response) error {
		response.Header.Set("X-Gateway", "supervised-app")
		return nil
	}
	return serve(ctx, logger, "gateway", port, proxy)
}

// serve answers on a port until ctx ends, and until every request has its answer.
func serve(ctx context.Context, logger *log.Logger, name, port string, handler http.Handler) error {
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return fmt.Errorf("failed to listen on port %s: %w", port, err)
	}
	logger.Printf("%s is ready on port %s", name, port)

	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	drained := make(chan error, 1)
	context.AfterFunc(ctx, func() { drained <- server.Shutdown(context.Background()) })

	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("failed to serve: %w", err)
	}
	return <-drained
}
