package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"runtime"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

// aliveInterval is how often a waiting client is looked at, since it may have gone.
const aliveInterval = 15 * time.Second

// awaitChange answers with the next answer that is not the one with this tag, or with 304 if there is
// none in time.
func (c *client) awaitChange(method string, subject *keep.Subject, tag string, render renderer, wait time.Duration) {
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

// answerChange answers with what there is now, or says that it is gone.
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

// sendEvents tells of each change until the client goes or the program stops. last is the tag
// of what the client knows.
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

// event has no value: the client asks for what it wants.
func event(tag string, snapshot *keep.Snapshot) string {
	data, err := json.Marshal(map[string]any{"etag": `"` + tag + `"`, "version": snapshot.Environment.Version})
	if err != nil {
		data = []byte("{}") // texts are never refused
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
