package supervision

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// A Check is a health or readiness check of a command, as the app manifest has them for
// apps, and more.
type Check struct {
	// Type is one of the Check constants.
	Type string `conf:"type"`
	// Port is a number, or $NAME or ${NAME} of the command's environment.
	Port string `conf:"port"`
	// Socket is the path of a Unix socket, in the place of a port: relative to the command's
	// directory, or with an at sign in front for a name in the kernel's own space.
	// References to variables are expanded.
	Socket string `conf:"socket"`
	// Endpoint is the path that a CheckHTTP asks for, with a slash in front.
	Endpoint string `conf:"http-endpoint"`
	// Status is which statuses a CheckHTTP takes, as ParseStatuses reads them; empty is 200.
	Status string `conf:"http-status"`
	// Headers are those that a CheckHTTP sends besides its own, or in the place of its own.
	// In their values, references to variables are expanded. They may be secrets.
	Headers []Variable `conf:"http-headers"`
	// HeadersFrom is the key and, behind a blank, the variable of the environment from which
	// the program sidecar-env reads Headers. In the file of the specs there are none then.
	HeadersFrom string `conf:"http-headers-from"`
	// Command is what bash runs for a CheckExec, in the command's environment and directory.
	Command string `conf:"command"`
	// Interval is how many seconds pass between two probes, and InvocationTimeout how
	// many an answer may take; 0 is the platform's own.
	Interval          int `conf:"interval"`
	InvocationTimeout int `conf:"invocation-timeout"`
}

// IsZero tells whether nothing is stated of the check.
func (c Check) IsZero() bool { return reflect.ValueOf(c).IsZero() }

// A StatusRange is a range of HTTP statuses, both ends included.
type StatusRange struct{ First, Last int }

// The statuses that an answer may have; those below are no answer yet.
const (
	minStatus = 200
	maxStatus = 599
)

// ParseStatuses reads HTTP statuses and ranges of them, with commas between: 200-299,401.
func ParseStatuses(text string) ([]StatusRange, error) {
	var ranges []StatusRange
	for item := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(item), "-")
		if !isRange {
			last = first
		}
		const bits = 16
		from, firstErr := strconv.ParseUint(first, 10, bits)
		to, lastErr := strconv.ParseUint(last, 10, bits)
		if firstErr != nil || lastErr != nil || len(first) != 3 || from < minStatus || to > maxStatus || from > to {
			return nil, fmt.Errorf("found %q; expected a status from %d to %d, or a range such as 200-399", item, minStatus, maxStatus)
		}
		ranges = append(ranges, StatusRange{int(from), int(to)})
	}
	return ranges, nil
}
