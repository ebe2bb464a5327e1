package controller

import (
	"fmt"
	"math"
	"regexp"
)

// MaxStartTimeout is the longest time, in seconds, that the platform waits for an app to become
// healthy, unless the operator has changed it.
const MaxStartTimeout = 180

// take applies the settings in stated. A change to a type without an endpoint removes the endpoint.
func (c *AppCheck) take(stated AppCheck) {
	if stated.Type != "" {
		c.Type = stated.Type
	}
	switch {
	case stated.Type != "" && stated.Type != CheckHTTP:
		c.Endpoint = nil
	case stated.Endpoint != nil:
		c.Endpoint = stated.Endpoint
	}
	for _, seconds := range []struct{ into, stated **int }{
		{&c.Timeout, &stated.Timeout}, {&c.InvocationTimeout, &stated.InvocationTimeout}, {&c.Interval, &stated.Interval},
	} {
		if *seconds.stated != nil {
			*seconds.into = *seconds.stated
		}
	}
}

// uriPath matches what the platform accepts as an endpoint's path; in a text of several lines, one
// valid line is enough.
var uriPath = regexp.MustCompile(`(?m)^(?:/|/[^\s/]\S*)$`)

// IsURIPath reports whether the platform accepts a text as an endpoint's path.
func IsURIPath(text string) bool { return uriPath.MatchString(text) }

// checkProblems returns why the platform rejects a process's checks, in its words.
func (p processState) checkProblems() []string {
	var problems []string
	if p.check.Timeout != nil && *p.check.Timeout > MaxStartTimeout {
		problems = append(problems, fmt.Sprintf("health_check_timeout Maximum exceeded: max %ds", MaxStartTimeout))
	}
	if p.check.lacksEndpoint() {
		problems = append(problems, "health_check_http_endpoint HTTP health check endpoint is not a valid URI path: ")
	}
	if p.readiness.lacksEndpoint() {
		problems = append(problems, "readiness_health_check_http_endpoint HTTP readiness health check endpoint is not a valid URI path: ")
	}
	return problems
}

// lacksEndpoint reports whether an http check has no path: a wrong path has been rejected with the
// manifest.
func (c AppCheck) lacksEndpoint() bool {
	return c.Type == CheckHTTP && c.Endpoint == nil
}

// unstorable reports whether the platform's database cannot store the times.
func (p processState) unstorable() bool {
	for _, seconds := range []*int{p.check.InvocationTimeout, p.check.Interval, p.readiness.InvocationTimeout, p.readiness.Interval} {
		if seconds != nil && *seconds > math.MaxInt32 {
			return true
		}
	}
	return false
}
