package push

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

func testVariables(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		app    Application
	)

	it.Before(func() { app = NewApplication("my-app") })

	// filled is a value with which a variable comes to so many bytes, name included.
	filled := func(name string, bytes int) string { return strings.Repeat("s", bytes-len(name+"=")) }

	it("accepts the longest variables that a process can have", func() {
		app.Environment = map[string]string{"LONG": filled("LONG", 131071)}
		app.BoundServices = filled("VCAP_SERVICES", 131071)
		Expect(app.CheckVariables()).To(Succeed())
		command := exec.Command("true")
		command.Env = []string{"LONG=" + app.Environment["LONG"], "VCAP_SERVICES=" + app.BoundServices}
		Expect(command.Run()).To(Succeed())
	})

	for _, form := range []bindings.Form{bindings.InFile, bindings.InDirectory} {
		it("CF-41 accepts longer bindings as "+string(form), func() {
			app.Services = form
			app.BoundServices = filled("VCAP_SERVICES", 500000)
			Expect(app.CheckVariables()).To(Succeed())
		})
	}

	context("failure cases", func() {
		it("CF-41 refuses variables that are longer, as Linux does, and says which and what helps", func() {
			app.Environment = map[string]string{"LONG": filled("LONG", 131072), "SHORT": "x"}
			app.BoundServices = filled("VCAP_SERVICES", 131072)
			const reason = "; Linux takes at most 131071 for one variable of an environment, so the platform cannot start the staging (argument list too long); "
			Expect(app.CheckVariables()).To(MatchError(
				"my-app: found 131072 bytes in the variable LONG with its name" + reason + "expected a shorter value, or one in a file\n" +
					"my-app: found 131072 bytes in the variable VCAP_SERVICES with its name" + reason + "expected fewer or shorter credentials, or features: {file-based-vcap-services: true} in the manifest, which gives the app a file with them"))
			command := exec.Command("true")
			command.Env = []string{"LONG=" + app.Environment["LONG"]}
			Expect(command.Run()).To(MatchError(syscall.E2BIG))
		})
	})
}
