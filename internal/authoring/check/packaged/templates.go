package packaged

import (
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

// templateProblems says which of a catalog's files fail at every start of a sidecar. Unlike a
// staging, it looks at all of them, whatever is bound or packed.
func templateProblems(buildpack fs.FS, sidecar string, files map[string]any) (problems []string) {
	for _, path := range slices.Sorted(maps.Keys(files)) {
		// An app can add memory and a binding to what the catalog states.
		spec := render.Spec{Name: sidecar, Memory: 1, Binding: &bindings.Selector{Any: sidecar}, Files: []render.File{fileOf(path, files[path])}}
		if err := render.Check(spec, nil, render.Sources{Buildpack: buildpack}); err != nil {
			problems = append(problems, strings.Split(err.Error(), "\n")...)
		}
	}
	return problems
}

// fileOf returns a file as the catalog states it. One that is invalid is empty: CatalogInvalid
// reports it.
func fileOf(path string, stated any) render.File {
	file := render.File{Path: path, InBuildpack: true}
	switch stated := stated.(type) {
	case string:
		file.Template = &stated
	case map[string]any:
		file.TemplateFile, _ = stated["template"].(string)
		file.Copy, _ = stated["from"].(string)
	}
	if file.TemplateFile == "" && file.Copy == "" && file.Template == nil {
		file.Template = new(string)
	}
	return file
}
