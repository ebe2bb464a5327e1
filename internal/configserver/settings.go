package configserver

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/vcap"
)

const (
	intervalVariable      = "CONFIG_SERVER_INTERVAL"
	applicationVariable   = "CONFIG_SERVER_APPLICATION"
	profilesVariable      = "CONFIG_SERVER_PROFILES"
	labelVariable         = "CONFIG_SERVER_LABEL"
	sourcesVariable       = "CONFIG_SERVER_SOURCES"
	keepVariable          = "CONFIG_SERVER_KEEP"
	startFromKeptVariable = "CONFIG_SERVER_START_FROM_KEPT"
)

const (
	defaultInterval = time.Minute
	maxInterval     = 24 * time.Hour
)

// keepNothing are the values of CONFIG_SERVER_KEEP, in any case, that prevent answers from being written to
// files.
var keepNothing = []string{"off", "false", "no", "none"}

// readInterval returns the time between two polls of a source.
func readInterval(environ []string) (time.Duration, error) {
	value := env.Get(environ, intervalVariable)
	if value == "" {
		return defaultInterval, nil
	}
	seconds, err := strconv.ParseUint(value, 10, 32)
	interval := time.Duration(seconds) * time.Second
	if err != nil || interval < time.Second || interval > maxInterval {
		return 0, fmt.Errorf("%s is %q, which is not a number of seconds: set it to a whole number from 1 to %d, for example %[1]s=60",
			intervalVariable, redact.Name(value), int(maxInterval/time.Second))
	}
	return interval, nil
}

// mainRequest returns the request for the app's own configuration. If VCAP_APPLICATION cannot be parsed, the app
// has no name.
func mainRequest(environ []string) (environment.Request, error) {
	request := environment.Request{
		Application: env.Get(environ, applicationVariable),
		Profiles:    list(env.Get(environ, profilesVariable)),
		Label:       env.Get(environ, labelVariable),
	}
	origin := applicationVariable
	if request.Application == "" {
		if app, err := vcap.Read(environ); err == nil {
			request.Application, origin = app.Name, "VCAP_APPLICATION"
		}
	}
	if request.Application == "" {
		request.Application = "application"
	}
	if isUnfit(request.Application) {
		return request, fmt.Errorf("the application's name in %s has a slash or a line break, which no source can find: set %s to a name such as orders", origin, applicationVariable)
	}
	origin = profilesVariable
	if len(request.Profiles) == 0 {
		origin = "SPRING_PROFILES_ACTIVE"
		request.Profiles = list(env.Get(environ, origin))
	}
	if len(request.Profiles) == 0 {
		request.Profiles = []string{"default"}
	}
	if slices.ContainsFunc(request.Profiles, isUnfit) {
		return request, fmt.Errorf("a profile in %s has a slash or a line break, which no source can find: set %s to names such as cloud,eu", origin, profilesVariable)
	}
	return request, nil
}

// isUnfit reports whether an application or a profile cannot be part of a file's name.
func isUnfit(name string) bool { return strings.ContainsAny(name, "/\x00\n") }

// list splits a text at commas.
func list(text string) []string {
	var all []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			all = append(all, item)
		}
	}
	return all
}

// keepDirectory returns where answers are kept for the next start, or empty.
func keepDirectory(environ []string) (string, error) {
	value := env.Get(environ, keepVariable)
	switch {
	case value == "":
		temporary := cmp.Or(env.Get(environ, "TMPDIR"), "/tmp")
		return filepath.Join(temporary, "config-server-"+strconv.Itoa(os.Geteuid())), nil
	case slices.Contains(keepNothing, strings.ToLower(value)):
		return "", nil
	case !filepath.IsAbs(value):
		return "", fmt.Errorf("%s is %q: set it to the absolute path of a directory, or to off", keepVariable, redact.Name(value))
	default:
		return value, nil
	}
}

// startFromKept reports whether an answer of an earlier run suffices for /health.
func startFromKept(environ []string) (bool, error) {
	switch value := env.Get(environ, startFromKeptVariable); value {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, fmt.Errorf("%s is %q: set it to true or false", startFromKeptVariable, redact.Name(value))
	}
}
