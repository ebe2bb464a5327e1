//go:build linux

package supervise

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// maxAnswer limits how much of a response is read, in bytes.
const maxAnswer = 64 << 10

// headers returns the headers of the request, each with its line break: the probe's own, replaced
// by the check's if the names are equal, followed by the check's others. Values may be secrets: no
// error quotes one.
func (p probe) headers(host string) (string, error) {
	all := []supervision.Variable{
		{Name: "Host", Value: host}, {Name: "User-Agent", Value: "sidecar-healthcheck"}, {Name: "Accept", Value: "*/*"},
		{Name: "Connection", Value: "close"},
	}
	for _, stated := range p.Headers {
		value := p.command.environ.expand(stated.Value)
		if strings.ContainsAny(value, "\r\n\x00") {
			return "", fmt.Errorf("the value of the header %s has more than one line, or a NUL", stated.Name)
		}
		header := supervision.Variable{Name: stated.Name, Value: value}
		i := slices.IndexFunc(all, func(h supervision.Variable) bool { return strings.EqualFold(h.Name, stated.Name) })
		if i < 0 {
			all = append(all, header)
		} else {
			all[i] = header
		}
	}
	var text strings.Builder
	for _, h := range all {
		text.WriteString(h.Name + ": " + h.Value + "\r\n")
	}
	return text.String(), nil
}

// get is an HTTP client with only what probes need: net/http would double every supervisor's
// memory.
func (p probe) get(connection io.ReadWriter, headers string) error {
	if _, err := io.WriteString(connection, "GET "+p.path()+" HTTP/1.1\r\n"+headers+"\r\n"); err != nil {
		return err
	}
	answer := bufio.NewReaderSize(io.LimitReader(connection, maxAnswer), 4<<10)
	for {
		status, reason, err := statusLine(answer)
		if err != nil {
			return err
		}
		if status/100 == 1 { // the final response is still to come
			if err := skipHeader(answer); err != nil {
				return err
			}
			continue
		}
		if !p.takes(status) {
			return answered(strings.TrimSpace(fmt.Sprintf("status %d %s", status, reason)))
		}
		return nil
	}
}

// takes reports whether a response with this status is a success.
func (p probe) takes(status int) bool {
	if p.Status == "" {
		return status == 200
	}
	ranges, err := supervision.ParseStatuses(p.Status)
	return err == nil && slices.ContainsFunc(ranges, func(r supervision.StatusRange) bool { return r.First <= status && status <= r.Last })
}

// answered is a failure that the server itself reported.
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
		return 0, "", err // what has arrived so far may be incomplete
	case !strings.HasPrefix(version, "HTTP/1.") || invalid != nil || status < 100 || status > 999:
		return 0, "", answered(fmt.Sprintf("%.60q, which is not an HTTP response", text))
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

func (p probe) path() string { return cmp.Or(p.Endpoint, "/") }
