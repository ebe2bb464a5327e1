package supervise

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

const (
	defaultInterval = 30 // seconds; the platform's for an app
	defaultTimeout  = 1  // seconds
	// Until the first success, probes come more often than asked for.
	firstPause   = 20 * time.Millisecond
	longestPause = 500 * time.Millisecond
	// maxAnswer is the most that is read of an answer, in bytes.
	maxAnswer = 64 << 10
	// lastBytes is how long the rest of an answer is waited for.
	lastBytes = 10 * time.Millisecond
)

// A probe is asked by this program.
type probe supervision.Check

func (p probe) interval() time.Duration { return seconds(p.Interval, defaultInterval) }
func (p probe) timeout() time.Duration  { return seconds(p.InvocationTimeout, defaultTimeout) }

func seconds(number, otherwise int) time.Duration {
	if number == 0 {
		number = otherwise
	}
	return time.Duration(number) * time.Second
}

// check asks once. The error is for a user: what was asked, and what came of it.
// The port is expanded.
func (p probe) check(ctx context.Context, port string) error {
	if p.Type == supervision.CheckProcess {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.timeout())
	defer cancel()
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
		return fmt.Errorf("port %s is %q; expected a number from 1 to 65535", p.Port, port)
	}
	connection, err := dial(ctx, port)
	if err != nil {
		return p.failed(ctx, port, err)
	}
	defer connection.Close() // there is nothing to lose
	if p.Type == supervision.CheckPort {
		return nil
	}
	defer context.AfterFunc(ctx, func() { _ = connection.SetDeadline(time.Unix(1, 0)) })()
	if err := p.get(connection, port); err != nil {
		return p.failed(ctx, port, err)
	}
	// A server that is about to finish may do so; the status is all that counts.
	_ = connection.SetReadDeadline(time.Now().Add(lastBytes))
	_, _ = io.Copy(io.Discard, io.LimitReader(connection, maxAnswer))
	return nil
}

// dial takes what listens for IPv6 alone, as a server on localhost may, too.
func dial(ctx context.Context, port string) (net.Conn, error) {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", "127.0.0.1:"+port)
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return connection, err
	}
	if other, otherErr := dialer.DialContext(ctx, "tcp", "[::1]:"+port); otherErr == nil {
		return other, nil
	}
	return nil, err
}

// get is an HTTP client that knows no more than it has to: net/http would double
// the memory of every supervisor.
func (p probe) get(connection io.ReadWriter, port string) error {
	if _, err := fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nUser-Agent: sidecar-healthcheck\r\nAccept: */*\r\nConnection: close\r\n\r\n", p.path(), port); err != nil {
		return err
	}
	answer := bufio.NewReaderSize(io.LimitReader(connection, maxAnswer), 4<<10)
	for {
		status, reason, err := statusLine(answer)
		if err != nil {
			return err
		}
		if status/100 == 1 { // the answer proper is still to come
			if err := skipHeader(answer); err != nil {
				return err
			}
			continue
		}
		if status != 200 {
			return answered(strings.TrimSpace(fmt.Sprintf("status %d %s", status, reason)))
		}
		return nil
	}
}

func (p probe) path() string {
	if p.Endpoint == "" {
		return "/"
	}
	return p.Endpoint
}

// answered is a failure that came as an answer.
type answered string

func (a answered) Error() string { return string(a) }

func statusLine(answer *bufio.Reader) (status int, reason string, err error) {
	line, err := answer.ReadSlice('\n')
	text := strings.TrimRight(string(line), "\r\n")
	version, rest, _ := strings.Cut(text, " ")
	code, reason, _ := strings.Cut(rest, " ")
	status, invalid := strconv.Atoi(code)
	switch {
	case err != nil && (len(line) == 0 || err != io.EOF && err != bufio.ErrBufferFull):
		return 0, "", err // what has come so far may be half of it
	case !strings.HasPrefix(version, "HTTP/1.") || invalid != nil || status < 100 || status > 999:
		return 0, "", answered(fmt.Sprintf("%.60q, which is no answer by HTTP", text))
	default:
		return status, fmt.Sprintf("%.60s", printable.Line(reason)), nil
	}
}

func skipHeader(answer *bufio.Reader) error {
	for {
		line, err := answer.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(strings.TrimRight(string(line), "\r\n")) == 0 {
			return nil
		}
	}
}

// failed words a failure.
func (p probe) failed(ctx context.Context, port string, err error) error {
	what := "port " + port
	if p.Type == supervision.CheckHTTP {
		what = "GET http://127.0.0.1:" + port + redact.Text(p.path())
	}
	var answer answered
	switch {
	case errors.As(err, &answer):
		return fmt.Errorf("%s: %s", what, answer)
	case ctx.Err() != nil:
		return fmt.Errorf("%s: no answer within %s", what, p.timeout())
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%s: connection refused", what)
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("%s: the connection was closed without an answer", what)
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
}

// watch asks until the context ends, and tells each answer: nil for a success.
// Until the first one, and until patience is over, it asks more often.
func (p probe) watch(ctx context.Context, port string, patience time.Duration, tell func(error)) {
	succeeded := false
	began := time.Now()
	for pause := firstPause; ; pause *= 2 {
		err := p.check(ctx, port)
		if ctx.Err() != nil {
			return
		}
		tell(err)
		if succeeded = succeeded || err == nil; succeeded || time.Since(began) > patience {
			pause = p.interval()
		} else {
			pause = min(pause, longestPause, p.interval())
		}
		if !sleep(ctx, pause) {
			return
		}
	}
}

// sleep is false where the context ends before the time is up.
func sleep(ctx context.Context, duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
