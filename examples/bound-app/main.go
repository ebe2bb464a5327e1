// Command bound-app is a web app and its sidecar, a signer, that is there when the app is bound to a service with
// a key. One binary, of which the first argument chooses what it is. The app's code knows nothing of the service.
package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// App and sidecar are started in the same directory.
const socket = "signer.sock"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, log.New(os.Stdout, "", 0), os.Getenv, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bound-app: %s\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, logger *log.Logger, getenv func(string) string, args []string) error {
	switch {
	case len(args) == 1 && args[0] == "web":
		return web(ctx, logger, getenv("PORT"))
	case len(args) == 2 && args[0] == "signer":
		return signer(ctx, logger, args[1])
	default:
		return fmt.Errorf("found arguments %q, want web, or signer and the path of its configuration", args)
	}
}

// A configuration is what the buildpack writes for the signer, from the bound service.
type configuration struct {
	Key    string `json:"key"`
	Issuer string `json:"issuer"`
}

// signer is the sidecar: it signs what it is asked to.
func signer(ctx context.Context, logger *log.Logger, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("failed to read the configuration: %w", err)
	}
	var config configuration
	if err := json.Unmarshal(content, &config); err != nil {
		return fmt.Errorf("failed to parse the configuration: %w", err)
	}

	// A signer that was killed leaves its socket behind, and a new one cannot listen on it.
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("failed to remove the old socket: %w", err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return fmt.Errorf("failed to listen on %s: %w", socket, err)
	}
	logger.Printf("signer is ready, and signs for %s", config.Issuer)

	return serve(ctx, listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mac := hmac.New(sha256.New, []byte(config.Key))
		io.WriteString(mac, r.URL.Query().Get("text"))
		fmt.Fprintf(w, "%s %s\n", config.Issuer, hex.EncodeToString(mac.Sum(nil)))
	}))
}

// web is the app.
func web(ctx context.Context, logger *log.Logger, port string) error {
	if port == "" {
		return errors.New("PORT is not set: the platform gives it")
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "Hello from bound-app! What its sidecar signs is at /sign?text=TEXT.")
	})
	mux.HandleFunc("GET /sign", sign(logger))

	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return fmt.Errorf("failed to listen on port %s: %w", port, err)
	}
	logger.Printf("bound-app is ready on port %s", port)

	return serve(ctx, listener, mux)
}

func sign(logger *log.Logger) http.HandlerFunc {
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", socket)
		},
	}}

	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := get(r.Context(), client, r.URL.Query().Get("text"))
		if err != nil {
			logger.Printf("The signer does not answer: %s", err)
			http.Error(w, "The signer does not answer, or the app has none: "+err.Error(), http.StatusBadGateway)
			return
		}
		w.Write(answer)
	}
}

func get(ctx context.Context, client *http.Client, text string) ([]byte, error) {
	// HTTP wants a host, but the dialer knows only the socket.
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://signer/?text="+url.QueryEscape(text), nil)
	if err != nil {
		return nil, err
	}

	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()

	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the signer answered %s", response.Status)
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
