package configserver_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// A faultServer is a server with a backend, behind https, which can be made to fail in many ways.
type faultServer struct {
	t       *testing.T
	backend http.Handler
	address string

	mutex       sync.Mutex
	server      *http.Server
	ended       chan struct{}
	certificate tls.Certificate
	interfere   func(response http.ResponseWriter, request *http.Request, backend http.Handler) // nil if all is well
}

func newFaultServer(t *testing.T, certificate, key string, backend http.Handler) *faultServer {
	t.Helper()
	s := &faultServer{t: t, address: net.JoinHostPort("127.0.0.1", testport.Free(t)), backend: backend}
	s.certify(certificate, key)
	s.start()
	t.Cleanup(s.kill)
	return s
}

// url returns the server's address, with its name.
func (s *faultServer) url() string {
	_, port, _ := net.SplitHostPort(s.address)
	return "https://" + net.JoinHostPort(springtest.Host, port)
}

// start listens at the same address as before.
func (s *faultServer) start() {
	s.t.Helper()
	var listener net.Listener
	gomega.NewWithT(s.t).Eventually(func() (err error) {
		listener, err = net.Listen("tcp4", s.address)
		return err
	}, "1m").Should(gomega.Succeed())
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.address = listener.Addr().String()
	server := &http.Server{
		Handler: http.HandlerFunc(s.serve), ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			s.mutex.Lock()
			defer s.mutex.Unlock()
			return &s.certificate, nil
		}},
	}
	s.server, s.ended = server, make(chan struct{})
	ended := s.ended
	go func() {
		defer close(ended)
		_ = server.ServeTLS(listener, "", "") // until it is killed
	}()
}

// kill stops the server and closes its connections.
func (s *faultServer) kill() {
	s.mutex.Lock()
	server, ended := s.server, s.ended
	s.mutex.Unlock()
	_ = server.Close()
	<-ended
}

// certify makes the server present another certificate, also to clients that were connected.
func (s *faultServer) certify(certificate, key string) {
	s.t.Helper()
	pair, err := tls.LoadX509KeyPair(certificate, key)
	gomega.NewWithT(s.t).Expect(err).NotTo(gomega.HaveOccurred())
	s.mutex.Lock()
	s.certificate = pair
	running := s.server != nil
	s.mutex.Unlock()
	if running {
		s.kill()
		s.start()
	}
}

// failing makes the server fail from now on; nil ends that.
func (s *faultServer) failing(interfere func(http.ResponseWriter, *http.Request, http.Handler)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.interfere = interfere
}

func (s *faultServer) serve(response http.ResponseWriter, request *http.Request) {
	s.mutex.Lock()
	interfere := s.interfere
	s.mutex.Unlock()
	if interfere != nil {
		interfere(response, request, s.backend)
		return
	}
	s.backend.ServeHTTP(response, request)
}

// slow does not answer until the client hangs up.
func slow(_ http.ResponseWriter, request *http.Request, _ http.Handler) { <-request.Context().Done() }

// half closes the connection in the middle of an answer whose length it has stated.
func half(response http.ResponseWriter, request *http.Request, backend http.Handler) {
	whole := httptest.NewRecorder()
	backend.ServeHTTP(whole, request)
	for name, values := range whole.Header() {
		response.Header()[name] = values
	}
	response.WriteHeader(whole.Code)
	_, _ = response.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
	panic(http.ErrAbortHandler)
}

// cut ends the answer in the middle, as if it were complete.
func cut(response http.ResponseWriter, request *http.Request, backend http.Handler) {
	whole := httptest.NewRecorder()
	backend.ServeHTTP(whole, request)
	for name, values := range whole.Header() {
		response.Header()[name] = values
	}
	response.Header().Del("Content-Length")
	response.WriteHeader(whole.Code)
	_, _ = response.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
}

// garbage is a page, such as that of a proxy.
func garbage(response http.ResponseWriter, _ *http.Request, _ http.Handler) {
	response.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(response, "<html>Welcome to nginx, s3cret!</html>")
}

// endless never stops answering.
func endless(response http.ResponseWriter, request *http.Request, _ http.Handler) {
	response.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
	_, _ = io.WriteString(response, "001e# service=git-upload-pack\n0000")
	for block := bytes.Repeat([]byte("0030"+strings.Repeat("x", 44)), 1000); request.Context().Err() == nil; {
		if _, err := response.Write(block); err != nil {
			return
		}
	}
}

// broken answers with a server error.
func broken(response http.ResponseWriter, _ *http.Request, _ http.Handler) {
	http.Error(response, "out of order: s3cret", http.StatusBadGateway)
}
