//go:build linux

package supervise

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testOnChange(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		warned []string
	)
	warn := func(format string, args ...any) { warned = append(warned, fmt.Sprintf(format, args...)) }
	told := func(on supervision.OnChange, e environment) []string { return e.withOnChange("/deps/0", &on, warn) }

	it.Before(func() { warned = nil })

	for _, one := range []struct {
		on       supervision.OnChange
		expected string
	}{
		{supervision.OnChange{Signal: "HUP"}, `{"signal":"HUP"}`},
		{supervision.OnChange{Post: "/actuator/refresh"}, `{"post":"http://127.0.0.1:8080/actuator/refresh"}`},
		{supervision.OnChange{Post: "/a", Port: "8081"}, `{"post":"http://127.0.0.1:8081/a"}`},
		{supervision.OnChange{Post: "/a", Port: "${MANAGEMENT_PORT:-9}"}, `{"post":"http://127.0.0.1:9/a"}`},
	} {
		it("tells the command what to do: "+one.expected, func() {
			Expect(told(one.on, environment{"PORT=8080"})).To(Equal([]string{
				"PORT=8080", "SIDECAR_ON_CHANGE=" + one.expected, "SIDECAR_APP_PROCESSES=/deps/0/run/main"}))
			Expect(warned).To(BeEmpty())
		})
	}

	context("failure cases", func() {
		it("says that there is no port of the app", func() {
			Expect(told(supervision.OnChange{Post: "/a"}, environment{"A=b"})).To(Equal([]string{"A=b"}))
			Expect(told(supervision.OnChange{Post: "/a", Port: "$MANAGEMENT_PORT"}, nil)).To(BeEmpty())
			Expect(warned).To(Equal([]string{
				"on-change: found no port of the app in $PORT; it is not told of changes",
				"on-change: found no port of the app in $MANAGEMENT_PORT; it is not told of changes"}))
		})
	})
}
