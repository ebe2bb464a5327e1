package push

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testManifestReadiness(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("CF-46: reads the readiness check of the app and of its processes", func() {
		const keys = "readiness-health-check-type: http, readiness-health-check-http-endpoint: /ready, readiness-health-check-invocation-timeout: 2, readiness-health-check-interval: 3"
		expected := HealthCheck{Type: HealthCheckHTTP, Endpoint: "/ready", InvocationTimeout: 2 * time.Second, Interval: 3 * time.Second}
		for _, text := range []string{"applications: [{name: app, " + keys + "}]", "applications: [{name: app, processes: [{type: web, " + keys + "}]}]"} {
			check, ok := oneApp(t, text).ReadinessCheck("web")
			Expect(ok).To(BeTrue())
			Expect(check).To(Equal(expected))
		}
		check, ok := oneApp(t, "applications: [{name: app, processes: [{type: worker, "+keys+"}]}]").ReadinessCheck("worker")
		Expect(ok).To(BeTrue())
		Expect(check).To(Equal(expected))
	})

	it("CF-46: makes none by default, nor with none", func() {
		for _, text := range []string{
			"applications: [{name: app}]",
			"applications: [{name: app, readiness-health-check-type: process}]",
			"applications: [{name: app, readiness-health-check-type: none}]",
			"applications: [{name: app, readiness-health-check-type: port, processes: [{type: web}]}]",
		} {
			_, ok := oneApp(t, text).ReadinessCheck("web")
			Expect(ok).To(BeFalse(), text)
		}
	})

	it("takes the platform's interval and time-out by default", func() {
		check, ok := oneApp(t, "applications: [{name: app, readiness-health-check-type: port}]").ReadinessCheck("web")
		Expect(ok).To(BeTrue())
		Expect(check).To(Equal(HealthCheck{Type: HealthCheckPort, InvocationTimeout: time.Second, Interval: 30 * time.Second}))
	})

	context("failure cases", func() {
		it("refuses an http check without an endpoint", func() {
			app := oneApp(t, "applications: [{name: app, readiness-health-check-type: http}]")
			Expect(app.Check()).To(MatchError(ContainSubstring("HTTP readiness health check endpoint is not a valid URI path")))
		})
	})
}
