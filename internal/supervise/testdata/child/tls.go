package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// serveTLS answers each request after a while, and ends on SIGTERM when all have been answered.
func serveTLS(port, certificate, key string) {
	var (
		current         atomic.Pointer[tls.Certificate]
		begun, answered atomic.Int64
	)
	load := func() {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			log.Fatal(err)
		}
		current.Store(&pair)
		fmt.Println("loaded")
	}
	load()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGTERM)
	server := &http.Server{
		Addr:     "127.0.0.1:" + port,
		ErrorLog: log.New(io.Discard, "", 0), // a probe of the port does no handshake
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begun.Add(1)
			time.Sleep(5 * time.Millisecond)
			fmt.Fprint(w, "served")
			answered.Add(1)
		}),
		TLSConfig: &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return current.Load(), nil }},
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for sig := range signals {
			if sig == syscall.SIGTERM {
				_ = server.Shutdown(context.Background())
				return
			}
			load()
		}
	}()
	if err := server.ListenAndServeTLS("", ""); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	<-ended
	fmt.Println("begun", begun.Load(), "answered", answered.Load())
}
