package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"runtime"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

// aliveInterval is how often we check whether a waiting client has disconnected.
const aliveInterval = 15 * time.Second

// awaitChange sends the first answer whose tag differs from the given one, or 304 if none arrives in time.
func (c *client) awaitChange(method string, subject *keep.Subject, tag string, render renderer, wait time.Duration) {
	defer subject.Await()()
	end := time.NewTimer(wait)
	defer end.Stop()
	alive := time.NewTicker(aliveInterval)
	defer alive.Stop()
	for {
		changed := subject.Changed() // before Current
		snapshot := subject.Current()
		if r, err := render(c.stopping, snapshot.Answer); c.stopping.Err() == nil && (err != nil || r.tag != tag) {
			c.answerChange(method, r, snapshot, err)
			return
		}
		select {
		case <-changed:
		case <-alive.C:
			if hasGone(c.Conn) {
				return
			}
		case <-end.C:
			c.unchanged(method, tag)
			return
		case <-subject.Gone():
			c.unchanged(method, tag)
			return
		case <-c.stopping.Done():
			c.unchanged(method, tag)
			return
		}
	}
}

// answerChange sends the current answer, or says that there is none any more.
func (c *client) answerChange(method string, r *representation, snapshot *keep.Snapshot, err error) {
	header := http.Header{}
	switch {
	case err == nil:
		setHeaders(header, r, snapshot, c.clock)
		header["Content-Length"] = r.length
		c.answer(method, http.StatusOK, header, r.body)
		runtime.KeepAlive(r) // other responses share it
	case errors.Is(err, errNoKey):
		c.answer(method, http.StatusNotFound, http.Header{"Content-Length": {"0"}}, nil)
	default:
		c.answer(method, http.StatusInternalServerError, http.Header{"Content-Length": {"0"}}, nil)
	}
}

func (c *client) unchanged(method, tag string) {
	c.answer(method, http.StatusNotModified, http.Header{"Etag": {`"` + tag + `"`}, "Cache-Control": noStore}, nil)
}

// sendEvents sends an event for each change until the client disconnects or the program stops. last is the tag
// of the client's current answer.
func (c *client) sendEvents(subject *keep.Subject, last string, render renderer) {
	head := "HTTP/1.1 " + statusLine(http.StatusOK) + "\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
	if !c.send(head) {
		return
	}
	alive := time.NewTicker(aliveInterval)
	defer alive.Stop()
	for {
		changed := subject.Changed()
		if snapshot := subject.Current(); snapshot != nil {
			if r, err := render(c.stopping, snapshot.Answer); err == nil && r.tag != last {
				last = r.tag
				if !c.send(event(r.tag, snapshot)) {
					return
				}
			}
		}
		select {
		case <-changed:
		case <-alive.C:
			if hasGone(c.Conn) || !c.send(":\n\n") {
				return
			}
		case <-c.stopping.Done():
			return
		}
	}
}

// event contains no value: the client requests the values that it wants.
func event(tag string, snapshot *keep.Snapshot) string {
	data, err := json.Marshal(map[string]any{"etag": `"` + tag + `"`, "version": snapshot.Environment.Version})
	if err != nil {
		data = []byte("{}") // marshaling strings cannot fail
	}
	return "event: change\nid: " + tag + "\ndata: " + string(data) + "\n\n"
}

func (c *client) send(text string) bool {
	if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return false
	}
	_, err := c.Write([]byte(text))
	return err == nil
}
