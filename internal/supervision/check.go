package supervision

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// A Check is a health or readiness check of a command, like those of apps in an app manifest, with
// more options.
type Check struct {
	// Type is one of the Check constants.
	Type string `conf:"type"`
	// Port is a number, or $NAME or ${NAME} from the command's environment.
	Port string `conf:"port"`
	// Socket is the path of a Unix socket, instead of a port: relative to the command's directory,
	// or with an at sign in front for an abstract name. References to variables are expanded.
	Socket string `conf:"socket"`
	// Endpoint is the path that a CheckHTTP requests, with a slash in front.
	Endpoint string `conf:"http-endpoint"`
	// Status lists the statuses that a CheckHTTP accepts, in the form of ParseStatuses; empty means
	// 200.
	Status string `conf:"http-status"`
	// Headers are sent by a CheckHTTP and replace its own headers of the same names. References to
	// variables in their values are expanded. They may be secrets.
	Headers []Variable `conf:"http-headers"`
	// HeadersFrom is the key, a blank, and the variable of the environment from which the program
	// sidecar-env reads Headers. The file of the specs then contains no headers.
	HeadersFrom string `conf:"http-headers-from"`
	// Command is run by bash for a CheckExec, in the command's environment and directory.
	Command string `conf:"command"`
	// Interval is the time between two probes, and InvocationTimeout the time that an answer may
	// take, in seconds; 0 means the platform's default.
	Interval          int `conf:"interval"`
	InvocationTimeout int `conf:"invocation-timeout"`
}

// IsZero reports whether the check is empty.
func (c Check) IsZero() bool { return reflect.ValueOf(c).IsZero() }

// A StatusRange is a range of HTTP statuses, including both ends.
type StatusRange struct{ First, Last int }

// The range of valid statuses; lower ones are not final.
const (
	minStatus = 200
	maxStatus = 599
)

// ParseStatuses parses HTTP statuses and ranges, separated by commas: 200-299,401.
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
