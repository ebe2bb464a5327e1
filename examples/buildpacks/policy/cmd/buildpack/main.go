// Command buildpack is bin/detect, bin/supply, bin/finalize and bin/release.
package main

import (
	"errors"
	"io/fs"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
)

func main() {
	buildpack.Main(buildpack.Hooks{Judged: needPolicies})
}

// needPolicies refuses an app with the sidecar and without policies.
func needPolicies(j *buildpack.Judged) error {
	found, err := fs.Glob(j.App, "policies/*.rego")
	if len(j.Sidecars) > 0 && len(found) == 0 && err == nil {
		err = errors.New("sidecar policy: found no policies/*.rego in the app; expected its policies there")
	}
	return err
}
