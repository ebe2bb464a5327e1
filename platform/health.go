package platform

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// startupInterval is the time between checks until the first one has passed.
const startupInterval = 500 * time.Millisecond

// monitor checks an instance until the context ends or the instance is found
// unwell, and says so in the platform's words. Healthy is called once, when the
// first check has passed.
func (h HealthCheck) monitor(ctx context.Context, port, index int, log *Log, healthy func()) error {
	if h.Type == HealthCheckProcess {
		healthy()
		<-ctx.Done()
		return nil
	}
	log.cell(index, "Starting health monitoring of container")
	if err := h.startup(ctx, port, index, log); err != nil || ctx.Err() != nil {
		return err
	}
	log.cell(index, "Container became healthy")
	healthy()
	for wait(ctx, h.Interval) {
		if err := h.check(ctx, port); err != nil && ctx.Err() == nil {
			log.line(sourceHealth, index, errout, err.Error())
			log.line(sourceCell, index, errout, "Container became unhealthy")
			return fmt.Errorf("Instance became unhealthy: %w", err) //lint:ignore ST1005 the platform's words
		}
	}
	return nil
}

// startup checks until a check passes or the time is up.
func (h HealthCheck) startup(ctx context.Context, port, index int, log *Log) error {
	begin := time.Now()
	for {
		err := h.check(ctx, port)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		if taken := time.Since(begin).Round(time.Millisecond); taken >= h.StartTimeout {
			log.line(sourceHealth, index, errout, err.Error())
			log.line(sourceCell, index, errout, fmt.Sprintf("Failed after %s: startup health check never passed.", taken))
			return fmt.Errorf("Instance never healthy after %s: %w", taken, err) //lint:ignore ST1005 the platform's words
		}
		wait(ctx, startupInterval)
	}
}

func (h HealthCheck) check(ctx context.Context, port int) error {
	ctx, cancel := context.WithTimeout(ctx, h.InvocationTimeout)
	defer cancel()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if h.Type == HealthCheckHTTP {
		return h.checkHTTP(ctx, address, port)
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("Failed to make TCP connection to port %d: %w", port, err) //lint:ignore ST1005 the platform's words
	}
	return connection.Close()
}

func (h HealthCheck) checkHTTP(ctx context.Context, address string, port int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+h.Endpoint, nil)
	if err != nil {
		return fmt.Errorf("Failed to make HTTP request to '%s' on port %d: %w", h.Endpoint, port, err) //lint:ignore ST1005 the platform's words
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("Failed to make HTTP request to '%s' on port %d: %w", h.Endpoint, port, err) //lint:ignore ST1005 the platform's words
	}
	_ = response.Body.Close() // its status is all that counts
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("Failed to make HTTP request to '%s' on port %d: received status code %d in response", h.Endpoint, port, response.StatusCode) //lint:ignore ST1005 the platform's words
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
