package platform

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testManifestReadiness(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("PR-46: reads the readiness check of the app and of its processes", func() {
		const keys = "readiness-health-check-type: http, readiness-health-check-http-endpoint: /ready, readiness-health-check-invocation-timeout: 2, readiness-health-check-interval: 3"
		expected := HealthCheck{Type: HealthCheckHTTP, Endpoint: "/ready", InvocationTimeout: 2 * time.Second, Interval: 3 * time.Second}
		for _, text := range []string{"applications: [{name: app, " + keys + "}]", "applications: [{name: app, processes: [{type: web, " + keys + "}]}]"} {
			check, ok := oneApp(t, text).readinessCheck("web")
			Expect(ok).To(BeTrue())
			Expect(check).To(Equal(expected))
		}
	})

	it("PR-46: makes none by default, with none, nor of a process without a port", func() {
		for _, text := range []string{
			"applications: [{name: app}]",
			"applications: [{name: app, readiness-health-check-type: process}]",
			"applications: [{name: app, readiness-health-check-type: none}]",
			"applications: [{name: app, readiness-health-check-type: port, processes: [{type: web}]}]",
		} {
			_, ok := oneApp(t, text).readinessCheck("web")
			Expect(ok).To(BeFalse(), text)
		}
		_, ok := oneApp(t, "applications: [{name: app, processes: [{type: worker, readiness-health-check-type: port}]}]").readinessCheck("worker")
		Expect(ok).To(BeFalse())
	})

	it("takes the platform's interval and time-out by default", func() {
		check, ok := oneApp(t, "applications: [{name: app, readiness-health-check-type: port}]").readinessCheck("web")
		Expect(ok).To(BeTrue())
		Expect(check).To(Equal(HealthCheck{Type: HealthCheckPort, InvocationTimeout: time.Second, Interval: 30 * time.Second}))
	})

	context("failure cases", func() {
		for _, broken := range []struct{ name, keys, message string }{
			{"an unknown type", "readiness-health-check-type: tcp", `Process "web": Readiness health check type must be "port", "process", or "http"; found "tcp"`},
			{"http without an endpoint", "readiness-health-check-type: http", `Process "web": HTTP readiness health check endpoint is not a valid URI path; expected the key readiness-health-check-http-endpoint, such as /ready`},
			{"an endpoint with a blank", "readiness-health-check-type: http, readiness-health-check-http-endpoint: /a b", `Process "web": Readiness health check http endpoint must be a valid URI path; found "/a b", expected one such as /ready`},
			{"an endpoint with two slashes", "readiness-health-check-type: http, readiness-health-check-http-endpoint: //a", `Process "web": Readiness health check http endpoint must be a valid URI path; found "//a", expected one such as /ready`},
			{"an endpoint of a port", "readiness-health-check-type: port, readiness-health-check-http-endpoint: /a", `Process "web": Readiness health check type must be "http" to set a health check HTTP endpoint; found "port"`},
			{"a time-out of 0", "readiness-health-check-invocation-timeout: 0", `Process "web": Readiness health check invocation timeout must be greater than or equal to 1; found 0`},
			{"a negative interval", "readiness-health-check-interval: -3", `Process "web": Readiness health check interval must be greater than or equal to 1; found -3`},
		} {
			it("refuses "+broken.name, func() {
				_, err := loadManifest(t, "applications: [{name: app, "+broken.keys+"}]")
				Expect(err).To(MatchError(HaveSuffix(":1: " + broken.message)))
			})
		}
	})
}
