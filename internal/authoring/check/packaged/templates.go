package packaged

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

// templateProblems says which of a catalog's files fail at every start of a sidecar. Unlike a
// staging, it looks at all of them, whatever is bound. It skips those that packaging makes.
func (b *Buildpack) templateProblems(sidecar string, files map[string]any, m *manifest) (problems []string) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := fileOf(name, files[name])
		if source := cmp.Or(file.TemplateFile, file.Copy); source != "" && b.isMadeLater(source, m) {
			continue
		}
		// An app can add memory and a binding to what the catalog states.
		spec := render.Spec{Name: sidecar, Memory: 1, Binding: &bindings.Selector{Any: sidecar}, Files: []render.File{file}}
		if err := render.Check(spec, nil, render.Sources{Buildpack: b.FS}); err != nil {
			problems = append(problems, strings.Split(err.Error(), "\n")...)
		}
	}
	return problems
}

// isMadeLater reports whether a file does not exist yet, and is made before packaging.
func (b *Buildpack) isMadeLater(file string, m *manifest) bool {
	if m == nil || m.isPackage() || b.has(path.Clean(file)) {
		return false
	}
	return m.PrePackage.Value != "" || b.builds(file)
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
