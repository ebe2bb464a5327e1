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

// maxVariable is Linux's limit for NAME=VALUE in an environment, in bytes: MAX_ARG_STRLEN, 32 pages
// of 4096 bytes, without the NUL at the end (linux, include/uapi/linux/binfmts.h).
const maxVariable = 32*4096 - 1

// CheckVariables returns an error that names the app's variables that are too long for a process,
// with their lengths but without values. Cloud Controller accepts such an app, and the cell fails
// to start its staging (garden-runc-release, issue 160; CF-41).
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
	return fmt.Errorf("%s: found %d bytes in the variable %s with its name; Linux takes at most %d for one variable of an environment, so the platform cannot start the staging (argument list too long); %s",
		printable.Name(a.Name), length, name, maxVariable, want)
}
