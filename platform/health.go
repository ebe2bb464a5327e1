package platform

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// startupInterval is the time between checks until the first one has passed.
const startupInterval = 500 * time.Millisecond

// monitor checks an instance until the context ends or the instance is found
// unwell, and says so in the platform's words. Until the first check has passed,
// checked is told what each has found, of that one nil.
func (h HealthCheck) monitor(ctx context.Context, port, index int, log *Log, checked func(error)) error {
	log.cell(index, "Starting health monitoring of container")
	if err := h.startup(ctx, port, index, log, checked); err != nil || ctx.Err() != nil {
		return err
	}
	log.cell(index, "Container became healthy")
	checked(nil)
	for wait(ctx, h.Interval) {
		if err := h.check(ctx, port); err != nil && ctx.Err() == nil {
			log.line(sourceHealth, index, errout, err.Error())
			log.line(sourceCell, index, errout, "Container became unhealthy")
			return fmt.Errorf("Instance became unhealthy: %w", err) //lint:ignore ST1005 the platform's words
		}
	}
	return nil
}

// listens waits until something listens on the port, and is false where the
// context ends before.
func (h HealthCheck) listens(ctx context.Context, port int) bool {
	h.Type = HealthCheckPort
	for h.check(ctx, port) != nil {
		if !wait(ctx, startupInterval) {
			return false
		}
	}
	return true
}

// startup checks until a check passes or the time is up, and tells of the failures.
func (h HealthCheck) startup(ctx context.Context, port, index int, log *Log, failed func(error)) error {
	begin := time.Now()
	for {
		err := h.check(ctx, port)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		failed(err)
		if taken := time.Since(begin).Round(time.Millisecond); taken >= h.StartTimeout {
			log.line(sourceHealth, index, errout, err.Error())
			log.line(sourceCell, index, errout, fmt.Sprintf("Failed after %s: startup health check never passed.", taken))
			return fmt.Errorf("Instance never healthy after %s: %w", taken, err) //lint:ignore ST1005 the platform's words
		}
		wait(ctx, startupInterval)
	}
}

// check is the platform's, but that it asks the machine's loopback address; in a
// container, it is the one of the outside.
func (h HealthCheck) check(ctx context.Context, port int) error {
	ctx, cancel := context.WithTimeout(ctx, h.InvocationTimeout)
	defer cancel()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if h.Type == HealthCheckHTTP {
		return h.checkHTTP(ctx, address, port)
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("failed to make TCP connection to %s: timed out after %.2f seconds", address, h.InvocationTimeout.Seconds())
	case err != nil:
		return fmt.Errorf("failed to make TCP connection to %s: %w", address, err)
	}
	return connection.Close()
}

func (h HealthCheck) checkHTTP(ctx context.Context, address string, port int) error {
	failed := func(format string, args ...any) error {
		return fmt.Errorf("failed to make HTTP request to '%s' on port %d: "+format, append([]any{h.Endpoint, port}, args...)...)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+h.Endpoint, nil)
	if err != nil {
		return failed("%w", err)
	}
	request.Header.Set("User-Agent", "diego-healthcheck")
	request.Header.Set("X-Forwarded-Proto", "https")
	began := time.Now()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	switch {
	case ctx.Err() != nil:
		return failed("timed out after %.2f seconds", h.InvocationTimeout.Seconds())
	case err != nil:
		return failed("connection refused")
	}
	_, _ = io.Copy(io.Discard, response.Body) // its status is all that counts
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return failed("received status code %d in %dms", response.StatusCode, time.Since(began).Milliseconds())
	}
	return nil
}

// wait is false where the context ends before the time is up.
func wait(ctx context.Context, duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
