package judge

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
)

// BuildpackFiles is the directory, below deps/IDX, with the files of the buildpack that
// files of sidecars are made from.
const BuildpackFiles = "files"

// checkFiles finds what is made for sidecars before they start, and refuses files of the app
// that are not there.
func (c Case) checkFiles(v *Verdict) error {
	var problems sidecar.Problems
	for _, d := range v.Sidecars {
		if !d.NeedsRendering() {
			continue
		}
		for _, f := range d.Files {
			if problem := c.fileProblem(d, f); problem != nil {
				problems = append(problems, *problem)
			}
		}
		v.Rendered = append(v.Rendered, renderSpec(d))
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

// fileProblem looks at a file of the app. One that a later buildpack may make is looked for
// at the start.
func (c Case) fileProblem(d sidecar.Definition, f sidecar.File) *sidecar.Problem {
	if f.Source() == "" || f.InBuildpack {
		return nil
	}
	found := ""
	info, err := fs.Stat(c.App, f.Source())
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.Followed && isBuilt(f.Source()):
		return nil
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

// renderSpec is what is made for a sidecar. What a droplet must not hold is not in it.
func renderSpec(d sidecar.Definition) render.Spec {
	spec := render.Spec{Name: d.Name, Memory: d.Memory, Binding: d.Binding}
	if spec.EnvFrom = d.Supervision.EnvFrom; len(d.Supervision.Env) == 0 {
		spec.EnvFrom = ""
	}
	if spec.FilesFrom = d.FilesFrom; len(d.Files) == 0 {
		spec.FilesFrom = ""
	}
	env, files := startenv.Rendered(d)
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

// inBuildpack is where supply puts a file of the buildpack, below deps/IDX.
func inBuildpack(name string) string {
	if name == "" {
		return ""
	}
	return BuildpackFiles + "/" + name
}
