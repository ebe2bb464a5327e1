package api

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
)

// maxWaiting limits how many requests may wait for a change at once.
const maxWaiting = 2048

var errTooMany = fmt.Sprintf("503 service unavailable: %d requests wait for a change already", maxWaiting)

// writeTimeout is how long a client may take to read the answer that it waited for.
const writeTimeout = 30 * time.Second

// waiting manages the clients that wait for a change. It takes their connections over from net/http, which would
// keep 20 KB of buffers and stacks for each; here, each costs an idle goroutine.
type waiting struct {
	clock    clock.Clock
	slots    chan struct{}
	stopping context.Context
	stop     context.CancelFunc

	mutex  sync.Mutex
	closed bool
	all    sync.WaitGroup
}

func newWaiting(clock clock.Clock) *waiting {
	stopping, stop := context.WithCancel(context.Background())
	return &waiting{clock: clock, slots: make(chan struct{}, maxWaiting), stopping: stopping, stop: stop}
}

// client waits on a connection of its own.
type client struct {
	net.Conn
	clock    clock.Clock
	stopping context.Context // done when the program stops
}

// hold takes over the connection of a request and lets serve answer it. It reports whether it could, and returns
// at once. The connection closes after the answer.
func (w *waiting) hold(response http.ResponseWriter, serve func(*client)) bool {
	select {
	case w.slots <- struct{}{}:
	default:
		for _, name := range []string{"Etag", "Age", "Config-State"} { // they describe an answer that is not sent
			response.Header().Del(name)
		}
		response.Header().Set("Retry-After", "1")
		http.Error(response, errTooMany, http.StatusServiceUnavailable)
		return true
	}
	if !w.begin() {
		<-w.slots
		return false
	}
	connection, _, err := http.NewResponseController(response).Hijack()
	if err != nil {
		w.end()
		return false
	}
	go func() {
		defer w.end()
		defer connection.Close()
		serve(&client{connection, w.clock, w.stopping})
	}()
	return true
}

func (w *waiting) begin() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.closed {
		return false
	}
	w.all.Add(1)
	return true
}

func (w *waiting) end() {
	<-w.slots
	w.all.Done()
}

// close makes all clients get their answer now.
func (w *waiting) close() {
	w.mutex.Lock()
	w.closed = true
	w.stop()
	w.mutex.Unlock()
	w.all.Wait()
}

func statusLine(status int) string { return strconv.Itoa(status) + " " + http.StatusText(status) }

// answer writes a complete answer.
func (c *client) answer(method string, status int, header http.Header, body []byte) {
	_ = c.SetWriteDeadline(time.Now().Add(writeTimeout)) // if this fails, so does the write
	header["Date"] = []string{c.clock.Now().UTC().Format(http.TimeFormat)}
	header["Connection"] = []string{"close"}
	writer := bufio.NewWriter(c)
	_, _ = writer.WriteString("HTTP/1.1 " + statusLine(status) + "\r\n")
	_ = header.Write(writer)
	_, _ = writer.WriteString("\r\n")
	if method != http.MethodHead {
		_, _ = writer.Write(body)
	}
	_ = writer.Flush() // an error means that the client has disconnected
}
