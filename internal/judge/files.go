package judge

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
)

// BuildpackFiles is the directory, below deps/IDX, with those files of the buildpack that sidecars'
// files are made from.
const BuildpackFiles = "files"

// checkFiles finds what is made for sidecars before they start, and rejects what is known to fail
// then: missing files, and templates that are invalid or use what no service has.
func (c Case) checkFiles(v *Verdict) error {
	var problems sidecar.Problems
	var refused []error
	for _, d := range v.Sidecars {
		if !d.NeedsRendering() {
			continue
		}
		there, missing := c.filesNow(d)
		problems = append(problems, missing...)
		refused = append(refused, c.checkTemplates(d, there))
		v.Rendered = append(v.Rendered, renderSpec(d))
	}
	if len(problems) > 0 {
		refused = append([]error{problems}, refused...)
	}
	return errors.Join(refused...)
}

// filesNow returns the files that can be checked now, and the problems of those that are missing.
func (c Case) filesNow(d sidecar.Definition) (there []sidecar.File, problems sidecar.Problems) {
	for _, f := range d.Files {
		switch problem := c.fileProblem(d, f); {
		case problem != nil:
			problems = append(problems, *problem)
		case !c.isBuiltLater(f):
			there = append(there, f)
		}
	}
	return there, problems
}

// warnOfUndecided warns about files of sidecars that are only left out because the bound services
// are unknown: with such a service, checkFiles rejects them.
func (c Case) warnOfUndecided(v *Verdict) {
	for _, a := range v.Absent {
		if a.Undecided == nil {
			continue
		}
		there, missing := c.filesNow(*a.Undecided)
		var problems []string
		for _, p := range missing {
			problems = append(problems, sidecar.Problems{p}.Error())
		}
		if err := c.checkTemplates(*a.Undecided, there); err != nil {
			problems = append(problems, strings.Split(err.Error(), "\n")...)
		}
		for _, problem := range problems {
			v.Warnings = append(v.Warnings, fmt.Sprintf("With a service for sidecar %s, staging fails: %s", printable.Name(a.Name), problem))
		}
	}
}

// checkTemplates checks the files of one sidecar. Its variables are checked where they are read,
// with their line numbers.
func (c Case) checkTemplates(d sidecar.Definition, there []sidecar.File) error {
	bound := c.Services.Bound
	if c.Services.Known && bound == nil {
		bound = []bindings.Binding{} // for render.Check, nil means unknown
	}
	var problems []error
	_, files := startenv.RenderInput(sidecar.Definition{Files: there})
	for i, f := range files {
		f.At = "" // it begins the message already
		spec := render.Spec{Name: d.Name, Memory: d.Memory, Binding: d.Binding, Files: []render.File{f}}
		if err := render.Check(spec, bound, render.Sources{App: c.App, Buildpack: c.Buildpack}); err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				problems = append(problems, fmt.Errorf("%s: sidecar %q: %s", there[i].At, d.Name, line))
			}
		}
	}
	return errors.Join(problems...)
}

// isBuiltLater reports whether a later buildpack may make a file, which is then looked up at the
// start.
func (c Case) isBuiltLater(f sidecar.File) bool {
	if f.Source() == "" || f.InBuildpack || !c.Followed || !isBuilt(f.Source()) {
		return false
	}
	_, err := fs.Stat(c.App, f.Source())
	return errors.Is(err, fs.ErrNotExist)
}

// fileProblem checks a file of the app.
func (c Case) fileProblem(d sidecar.Definition, f sidecar.File) *sidecar.Problem {
	if f.Source() == "" || f.InBuildpack || c.isBuiltLater(f) {
		return nil
	}
	found := ""
	info, err := fs.Stat(c.App, f.Source())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		found = fmt.Sprintf("%q, which is not in the app", f.Source())
	case err != nil:
		found = fmt.Sprintf("%q, which cannot be read", f.Source())
	case !info.Mode().IsRegular():
		found = fmt.Sprintf("%q, which is not a regular file", f.Source())
	default:
		return nil
	}
	return &sidecar.Problem{At: f.At, What: fmt.Sprintf("sidecar %q: files: %s", d.Name, f.Path), Found: found, Want: "the path of a file of the app, from its root on"}
}

// renderSpec returns what sidecar-render makes for a sidecar, without values that a droplet must not hold.
func renderSpec(d sidecar.Definition) render.Spec {
	spec := render.Spec{Name: d.Name, Memory: d.Memory, Binding: d.Binding}
	if spec.EnvFrom = d.Supervision.EnvFrom; len(d.Supervision.Env) == 0 {
		spec.EnvFrom = ""
	}
	if spec.FilesFrom = d.FilesFrom; len(d.Files) == 0 {
		spec.FilesFrom = ""
	}
	env, files := startenv.RenderInput(d)
	if spec.EnvFrom == "" {
		spec.Env = env
	}
	if spec.FilesFrom == "" {
		spec.Files = files
	}
	for i := range spec.Files {
		if f := &spec.Files[i]; f.InBuildpack {
			f.Copy, f.TemplateFile = inBuildpack(f.Copy), inBuildpack(f.TemplateFile)
		}
	}
	return spec
}

// inBuildpack returns where supply puts a file of the buildpack, below deps/IDX.
func inBuildpack(name string) string {
	if name == "" {
		return ""
	}
	return BuildpackFiles + "/" + name
}
