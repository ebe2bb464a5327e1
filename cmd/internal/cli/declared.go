package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/platform"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// catalogFile is where a sidecar buildpack has its catalog.
const catalogFile = "buildpack.toml"

// declared is what the staging result of an app would have, as far as it is
// known without staging: of the sidecar buildpack among its buildpacks, and of
// the app itself. Warnings say what is not known.
func (t *tool) declared(app platform.Application) (staged []launch.Process, warnings []string, err error) {
	catalog, index, warnings, err := t.catalog(app.Buildpacks)
	if err != nil {
		return nil, warnings, err
	}
	files, err := platform.OpenApp(app.Path)
	if err != nil {
		return nil, warnings, err
	}
	defer files.Close() // it was only read
	if catalog == nil {
		procfile, err := launch.ReadProcfile(files)
		return procfile, warnings, err
	}
	staged, more, err := launch.Declared(files, *catalog, environ(app), index)
	return staged, append(warnings, more...), err
}

func environ(app platform.Application) []string {
	var environ []string
	for name, value := range app.Environment {
		environ = append(environ, name+"="+value)
	}
	return environ
}

// catalog finds the sidecar buildpack of a push, its index and its catalog, which
// is nil where there is none. Where no buildpack is named, the sidecar buildpack
// is the one that would be found.
func (t *tool) catalog(buildpacks []string) (catalog *sidecar.Catalog, index string, warnings []string, err error) {
	if len(buildpacks) == 0 {
		buildpacks = []string{platform.BuiltinBuildpack}
	}
	var others []string
	for i, name := range buildpacks {
		files := t.buildpackFiles(name)
		if catalog != nil || files == nil {
			others = append(others, name)
			continue
		}
		found, err := readCatalog(files, name)
		if err != nil {
			return nil, "", nil, err
		}
		catalog, index = &found, fmt.Sprintf("%0*d", len(fmt.Sprint(len(buildpacks)-1)), i)
	}
	if len(others) > 0 {
		warnings = append(warnings, fmt.Sprintf("Not staged, so that what these buildpacks declare themselves is not known: %s.", strings.Join(others, ", ")))
	}
	if catalog == nil {
		warnings = append(warnings, fmt.Sprintf("No buildpack of the push is known to be the sidecar buildpack, so that %s is not read.", sidecar.FileName))
	}
	return catalog, index, warnings, nil
}

// buildpackFiles are those of a buildpack that is a sidecar buildpack, and nil of
// any other.
func (t *tool) buildpackFiles(name string) fs.FS {
	if name == platform.BuiltinBuildpack {
		return t.carried.Buildpack.Files
	}
	content, err := os.ReadFile(filepath.Join(name, catalogFile))
	if err != nil || !strings.Contains(string(content), "metadata.sidecars") {
		return nil
	}
	return os.DirFS(name)
}

// readCatalog reads a buildpack's catalog. Name is the buildpack's.
func readCatalog(files fs.FS, name string) (sidecar.Catalog, error) {
	content, err := fs.ReadFile(files, catalogFile)
	if err != nil {
		return sidecar.Catalog{}, fmt.Errorf("failed to read the catalog of %s: %w", name, err)
	}
	source := catalogFile
	if name != platform.BuiltinBuildpack {
		source = filepath.Join(name, catalogFile)
	}
	return sidecar.ParseCatalog(sidecar.Source{Name: source, Content: content})
}

// lines are the messages in an error, one on a line.
func lines(err error) []string {
	var problems sidecar.Problems
	if !errors.As(err, &problems) {
		return strings.Split(err.Error(), "\n")
	}
	all := make([]string, len(problems))
	for i, problem := range problems {
		all[i] = problem.Error()
	}
	return all
}
