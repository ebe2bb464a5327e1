package startenv

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// RenderInput returns the variables and the files of a sidecar in the form of render.json, which
// staging writes, and which this program makes again at the start.
func RenderInput(d sidecar.Definition) (variables []render.Variable, files []render.File) {
	for _, v := range d.Supervision.Env {
		made := render.Variable{Name: v.Name, Value: v.Value}
		if bound, ok := d.Bound[v.Name]; ok {
			made.Binding, made.Config, made.Of, made.Default = bound.Binding, bound.Config, bound.Of, bound.Default
		}
		variables = append(variables, made)
	}
	for _, f := range d.Files {
		files = append(files, render.File{
			Path: f.Path, Template: f.Template, TemplateFile: f.TemplateFile, Copy: f.Copy, InBuildpack: f.InBuildpack, At: f.At.String(),
		})
	}
	return variables, files
}

// restate prints, as JSON, the parts of a render.Spec that no droplet may contain. An empty source
// means that the part is not requested.
func restate(name, envFrom, filesFrom string, environ []string, stdout, stderr io.Writer) int {
	var spec render.Spec
	err := restateInto(&spec, name, envFrom, filesFrom, environ)
	if err == nil {
		err = json.NewEncoder(stdout).Encode(spec)
	}
	if err != nil {
		fmt.Fprintf(stderr, "[%s] %s: %s\n", Program, printable.Line(name), printable.Line(err.Error()))
		return exitFailed
	}
	return exitSuccess
}

func restateInto(spec *render.Spec, name, envFrom, filesFrom string, environ []string) error {
	if envFrom != "" {
		d, err := stated(environ, envFrom, name, sidecar.EnvKey)
		if err != nil {
			return err
		}
		spec.Env, _ = RenderInput(d.Definition)
	}
	if filesFrom != "" {
		d, err := stated(environ, filesFrom, name, sidecar.FilesKey)
		if err != nil {
			return err
		}
		_, spec.Files = RenderInput(d.Definition)
	}
	return nil
}

// stated returns the current values of a variable of the environment, or of a bound service.
func stated(environ []string, from, name, key string) (sidecar.Restated, error) {
	content := env.Get(environ, from)
	if service, ok := strings.CutPrefix(from, sidecar.ServicePrefix); ok {
		all, err := bindings.Read(environ)
		if err != nil {
			return sidecar.Restated{}, err
		}
		content = ""
		for _, b := range all {
			if b.Name == service {
				content, _ = b.Credential(sidecar.ServiceKey)
			}
		}
	}
	return sidecar.Restate(from, []byte(content), name, key)
}
