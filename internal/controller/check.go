package controller

import (
	"fmt"
	"math"
	"regexp"
)

// MaxStartTimeout is the most seconds that the platform waits for an app to become
// healthy, as it is set up where the operator has changed nothing.
const MaxStartTimeout = 180

// take changes what is stated. An endpoint is forgotten with a type that has none.
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

// uriPath is what the platform takes for the path of an endpoint; of several
// lines, one that is counts.
var uriPath = regexp.MustCompile(`(?m)^(?:/|/[^\s/]\S*)$`)

// IsURIPath tells whether the platform takes a text for the path of an endpoint.
func IsURIPath(text string) bool { return uriPath.MatchString(text) }

// checkProblems are what the platform refuses of a process's checks, in its words.
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

// lacksEndpoint tells of an http check without a path: one that is wrong has been
// refused with the manifest.
func (c AppCheck) lacksEndpoint() bool {
	return c.Type == CheckHTTP && c.Endpoint == nil
}

// unstorable tells of times that the platform's database cannot hold.
func (p processState) unstorable() bool {
	for _, seconds := range []*int{p.check.InvocationTimeout, p.check.Interval, p.readiness.InvocationTimeout, p.readiness.Interval} {
		if seconds != nil && *seconds > math.MaxInt32 {
			return true
		}
	}
	return false
}
