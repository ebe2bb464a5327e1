package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/platform"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/supply"
)

// Where a sidecar buildpack has its catalog and its dependencies.
const (
	catalogFile  = "buildpack.toml"
	manifestFile = "manifest.yml"
)

// maxDescription is the most of each file that describes an app or a buildpack, in
// bytes.
const maxDescription = 1 << 20

// A declaration is what the staging result of an app would have, as far as it is
// known without staging: of the sidecar buildpack among its buildpacks, and of
// the app itself.
type declaration struct {
	staged []launch.Process
	// whole tells that no other buildpack could add to it.
	whole bool
	// warnings say what is not known.
	warnings []string
}

func (t *tool) declared(app platform.Application) (declaration, error) {
	found, err := t.catalog(app.Buildpacks)
	declared := declaration{whole: found.alone, warnings: found.warnings}
	if err != nil {
		return declared, err
	}
	files, err := platform.OpenApp(app.Path)
	if err != nil {
		return declared, err
	}
	defer files.Close() // it was only read
	if found.catalog == nil {
		declared.staged, err = launch.ReadProcfile(files)
		return declared, err
	}
	staged, warnings, err := launch.Declared(files, *found.catalog, environ(app), found.index)
	declared.staged, declared.warnings = staged, append(declared.warnings, warnings...)
	if err != nil {
		return declared, err
	}
	warnings, err = t.checkPrograms(files, found, app)
	declared.warnings = append(declared.warnings, warnings...)
	if err != nil && found.follows {
		// The one before may say otherwise in an override.yml.
		declared.warnings = append(declared.warnings, lines(err)...)
		err = nil
	}
	return declared, err
}

// checkPrograms refuses what supply would, above all what the buildpack's
// manifest.yml has not for the app's stack, and warns of commands as supply does.
func (t *tool) checkPrograms(files *platform.AppFiles, found foundCatalog, app platform.Application) (warnings []string, err error) {
	sidecars, _, err := sidecar.ForApp(files, *found.catalog, environ(app))
	if err != nil {
		return nil, err
	}
	commands := supply.Commands{App: files, Modes: !files.Archived, Path: t.path(), Last: found.last}
	warnings = commands.Warnings(sidecars)
	dependencies, err := dependency.Parse(found.manifest, app.Stack)
	if err != nil {
		return warnings, err
	}
	return warnings, supply.CheckPrograms(sidecars, dependencies)
}

// path are the directories in which this machine finds programs.
func (t *tool) path() []string {
	for _, variable := range t.environ {
		if value, ok := strings.CutPrefix(variable, "PATH="); ok {
			return filepath.SplitList(value)
		}
	}
	return nil
}

func environ(app platform.Application) []string {
	var environ []string
	for name, value := range app.Environment {
		environ = append(environ, name+"="+value)
	}
	return environ
}

// A foundCatalog is that of the sidecar buildpack of a push.
type foundCatalog struct {
	catalog  *sidecar.Catalog // nil where there is none
	manifest []byte           // the buildpack's manifest.yml
	index    string           // the buildpack's
	alone    bool             // the push has no other buildpack
	follows  bool             // another one stands before it
	last     bool             // none follows it
	warnings []string
}

// catalog finds the sidecar buildpack among those of a push, or takes it for the
// one that the platform would find where none is named.
func (t *tool) catalog(buildpacks []string) (foundCatalog, error) {
	var found foundCatalog
	if len(buildpacks) == 0 {
		buildpacks = []string{platform.BuiltinBuildpack}
		found.warnings = append(found.warnings, "No buildpack is named, so that the platform asks its own in turn, and one before may take the app. "+
			"This is what the sidecar buildpack would do, which takes an app with both sidecars and a Procfile with a line web: COMMAND.")
	}
	var others []string
	for i, name := range buildpacks {
		files := t.buildpackFiles(name)
		if found.catalog != nil || files == nil {
			others = append(others, redact.Text(name))
			continue
		}
		catalog, err := readCatalog(files, name)
		if err != nil {
			return found, err
		}
		if found.manifest, err = regularfile.ReadFS(files, manifestFile, maxDescription); err != nil {
			return found, fmt.Errorf("failed to read the %s of %s: %w", manifestFile, name, err)
		}
		// PR-02: padded to the width of their number, and not of the last index.
		found.follows, found.last = i > 0, i == len(buildpacks)-1
		found.catalog, found.index = &catalog, fmt.Sprintf("%0*d", len(fmt.Sprint(len(buildpacks))), i)
	}
	if len(others) > 0 {
		found.warnings = append(found.warnings, fmt.Sprintf("Not staged, so that what these buildpacks declare themselves is not known: %s.", strings.Join(others, ", ")))
	}
	if found.catalog == nil {
		found.warnings = append(found.warnings, fmt.Sprintf("No buildpack of the push is known to be the sidecar buildpack, so that %s is not read.", sidecar.FileName))
	}
	found.alone = len(others) == 0
	return found, nil
}

// buildpackFiles are those of a buildpack that is a sidecar buildpack, and nil of
// any other.
func (t *tool) buildpackFiles(name string) fs.FS {
	if name == platform.BuiltinBuildpack {
		return t.carried.Buildpack.Files
	}
	content, err := regularfile.Read(filepath.Join(name, catalogFile), maxDescription)
	if err != nil || !strings.Contains(string(content), "metadata.sidecars") {
		return nil
	}
	return os.DirFS(name)
}

// readCatalog reads a buildpack's catalog. Name is the buildpack's.
func readCatalog(files fs.FS, name string) (sidecar.Catalog, error) {
	content, err := regularfile.ReadFS(files, catalogFile, maxDescription)
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
