package push

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// maxVariable is the most bytes of NAME=VALUE that Linux takes for one variable of an
// environment: MAX_ARG_STRLEN, 32 pages of 4096 bytes, less the NUL at its end
// (linux, include/uapi/linux/binfmts.h).
const maxVariable = 32*4096 - 1

// CheckVariables is nil, or names the variables of the app that are too long for a process to
// have, with their lengths and nothing of their values. Cloud Controller accepts such an app, and
// the cell fails to start its staging (garden-runc-release, issue 160; CF-41).
func (a Application) CheckVariables() error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(a.Environment)) {
		if length := len(name + "=" + a.Environment[name]); length > maxVariable {
			problems = append(problems, a.tooLong(redact.Name(name), length, "expected a shorter value, or one in a file"))
		}
	}
	length := len(bindings.ServicesVariable + "=" + a.BoundServices)
	if a.Services == bindings.InEnvironment && length > maxVariable {
		problems = append(problems, a.tooLong(bindings.ServicesVariable, length,
			fmt.Sprintf("expected fewer or shorter credentials, or features: {%s: true} in the manifest, which gives the app a file with them", bindings.InFile)))
	}
	return errors.Join(problems...)
}

func (a Application) tooLong(name string, length int, want string) error {
	return fmt.Errorf("%s: found %d bytes in the variable %s with its name; Linux takes at most %d for one variable of an environment, so that the platform cannot start the staging (argument list too long); %s",
		printable.Name(a.Name), length, name, maxVariable, want)
}
