package startenv

import (
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// Rendered are the variables and the files of a sidecar as the program knows them that makes
// them before each start.
func Rendered(d sidecar.Definition) (variables []render.Variable, files []render.File) {
	for _, v := range d.Supervision.Env {
		made := render.Variable{Name: v.Name, Value: v.Value}
		if bound, ok := d.Bound[v.Name]; ok {
			made.Binding, made.Of, made.Default = bound.Binding, bound.Of, bound.Default
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
