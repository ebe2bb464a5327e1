package render

import (
	"errors"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// A Preview is what is made for a sidecar, with Mask instead of each value from a service or the
// environment.
type Preview struct {
	Env   []Setting
	Files []Rendered
}

// Show returns what a spec makes of these services, in a process with this environment. Values in
// CredHub count as present. The error quotes no value.
func Show(spec Spec, bound []bindings.Binding, environ []string, sources Sources) (Preview, error) {
	r := renderer{budget: newBudget(), sources: sources, scope: scope{spec: spec, environ: environ, files: "$" + FilesVariable, app: sources.App, masked: true}}
	r.services = &services{
		read:    func() ([]bindings.Binding, error) { return bound, nil },
		resolve: func(b bindings.Binding) (bindings.Binding, error) { return b, errUnknown },
	}
	settings, unset := r.settings()
	files, unmade := r.render()
	return Preview{settings, files}, errors.Join(unset, unmade)
}
