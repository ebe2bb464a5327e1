package install_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// A server answers its first request with the first answer, and so on, and all
// further ones with the last.
type server struct {
	*httptest.Server
	answers []http.HandlerFunc

	mutex    sync.Mutex
	requests []*http.Request
}

func serve(t *testing.T, answers ...http.HandlerFunc) *server {
	s := &server{answers: answers}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	answer := s.answers[min(len(s.requests), len(s.answers)-1)]
	s.requests = append(s.requests, r)
	s.mutex.Unlock()
	answer(w, r)
}

// uri is one with every credential that a URI can have.
func (s *server) uri() string {
	return strings.Replace(s.URL, "http://", "http://marie:"+secret+"-password@", 1) + "/program?token=" + secret + "-token"
}

func (s *server) count() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.requests)
}

// asked lists a header of all requests.
func (s *server) asked(header string) []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var values []string
	for _, request := range s.requests {
		values = append(values, request.Header.Get(header))
	}
	return values
}

// whole sends a file, or the part of it that is asked for.
func whole(content []byte) http.HandlerFunc { return tagged(`"1"`, content) }

func tagged(tag string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		if tag != "" {
			w.Header().Set("ETag", tag)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}

// rangeless sends a file from its beginning, whatever is asked for.
func rangeless(content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content) // the client may be gone
	}
}

// answer is one without the file.
func answer(status int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "the page says "+secret)
	}
}

// raw hijacks the connection, of which nothing has been said yet.
func raw(talk func(conn *net.TCPConn, start int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		start := 0
		_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &start) // stays 0 without
		conn, _, err := w.(http.Hijacker).Hijack()
		must(err)
		defer conn.Close()
		talk(conn.(*net.TCPConn), start)
	}
}

// part sends the beginning of a file, from where it is asked for and as though
// all of the rest came, and then does as told.
func part(content []byte, size int, then func(*net.TCPConn)) http.HandlerFunc {
	return raw(func(conn *net.TCPConn, start int) {
		head := fmt.Sprintf("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: %d\r\n\r\n", len(content))
		if start > 0 {
			head = fmt.Sprintf("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-%d/%d\r\nContent-Length: %d\r\n\r\n",
				start, len(content)-1, len(content), len(content)-start)
		}
		_, _ = io.WriteString(conn, head)
		_, _ = conn.Write(content[start:min(start+size, len(content))])
		then(conn)
	})
}

// closeSilently closes the connection after all that was sent.
func closeSilently(*net.TCPConn) {}

// reset breaks the connection when what was sent has come.
func reset(conn *net.TCPConn) {
	arrived(conn)
	must(conn.SetLinger(0))
}

// stall is silent until the client gives up.
func stall(conn *net.TCPConn) { _, _ = io.Copy(io.Discard, conn) }

// arrived waits until the other side has acknowledged what was sent.
func arrived(conn *net.TCPConn) {
	control, err := conn.SyscallConn()
	must(err)
	for left := 1; left > 0; time.Sleep(100 * time.Microsecond) { // there is no event for it
		must(control.Control(func(fd uintptr) {
			left, err = unacknowledged(int(fd))
			must(err)
		}))
	}
}

var errEnough = errors.New("it is enough")

// cancellable is a context for specs, where another thing has that name.
func cancellable(t *testing.T) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(t.Context())
	t.Cleanup(func() { cancel(nil) })
	return ctx, cancel
}

// closedAddress is an address that no process listens on.
func closedAddress(t *testing.T) string {
	t.Helper()
	return net.JoinHostPort("127.0.0.1", testport.Free(t))
}
