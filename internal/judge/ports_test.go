package judge_test

import (
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
)

func testPorts(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	// warnings are those of a sidecar with these keys.
	warnings := func(keys string) []string {
		verdict, err := judge.Judge(judge.Case{
			App:          fstest.MapFS{"sidecars.yml": {Data: []byte("- {name: gateway, command: sleep 1000, memory: 8M, " + keys + "}\n")}},
			Dependencies: &dependency.Dependencies{},
		})
		Expect(err).NotTo(HaveOccurred())
		return verdict.Warnings
	}

	it("warns of a proxy whose env takes the place of its ports", func() {
		Expect(warnings(`proxy: true, env: {PORT: "9000"}`)).To(ConsistOf(
			"Sidecar gateway is a proxy, and PORT in its env takes the place of the platform's port, to which the router goes, so the app cannot be reached. " +
				"Expected no PORT there: a proxy has its own port in PORT and that of the app in APP_PORT"))
		Expect(warnings(`proxy: true, env: {APP_PORT: "9000"}`)).To(ConsistOf(
			"Sidecar gateway is a proxy, and APP_PORT in its env takes the place of the port of the app behind it, so it does not find the app. " +
				"Expected no APP_PORT there: a proxy has its own port in PORT and that of the app in APP_PORT"))
		Expect(warnings(`proxy: true, env: {PORT: "$APP_PORT", APP_PORT: "1"}`)).To(ConsistOf(ContainSubstring("and PORT in its env")), "the app's port is not lost")
	})

	it("says nothing where the ports stay, or are handed on in another variable first", func() {
		for _, keys := range []string{
			`proxy: true, env: {LISTEN: ":$PORT", UPSTREAM: "127.0.0.1:$APP_PORT"}`, `proxy: true, env: {PORT: "${PORT:-8080}"}`,
			`proxy: true, env: {LISTEN: ":${PORT}", PORT: "9000"}`, `env: {PORT: "9000", APP_PORT: "9001"}`,
			`process_types: [worker], app-env: {PORT: "9000"}`,
		} {
			Expect(warnings(keys)).To(BeEmpty(), keys)
		}
	})

	it("warns of a PORT for the app, which has one from the platform", func() {
		Expect(warnings(`app-env: {PORT: "9000"}`)).To(ConsistOf(
			"PORT in app-env of sidecar gateway has no effect on the process web, for which the platform sets it, and in which existing settings win. " +
				"Expected no PORT there: the app listens on the platform's"))
	})
}
