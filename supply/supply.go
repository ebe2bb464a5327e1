// Package supply is the phase in which the buildpack gives an app its sidecars,
// in whatever place among the push's buildpacks it stands.
package supply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cloudfoundry/libbuildpack"

	"github.com/cloudfoundry-community/sidecar-buildpack/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// A Supplier does the work of bin/supply. It writes below the stager's own deps
// directory alone (PR-03, and see unpaddedDirectory for the one exception).
type Supplier struct {
	Stager *libbuildpack.Stager
	Log    *libbuildpack.Logger
	// Identity is the buildpack's own.
	Identity family.Identity
	Catalog  sidecar.Catalog
	// Siblings are the other sidecar buildpacks that the push may have.
	Siblings []family.Buildpack
	// Languages are what the other buildpacks that the push may have say that they are
	// for: see family.Languages.
	Languages []string
	Environ   []string
	// StagingMemory is the staging container's; 0 where it is not known.
	StagingMemory memory.Size
	Manifest      *libbuildpack.Manifest
	// Stack is the value of CF_STACK, or empty.
	Stack string
	// Dependencies are those of the manifest.
	Dependencies *dependency.Dependencies
	Installer    Installer
}

// Run installs the app's sidecars and declares them to the platform. Run twice,
// it leaves the same tree. Where the app's declarations are wrong, the error is
// a sidecar.Problems and nothing has been written.
func (s *Supplier) Run() error {
	if err := s.begin(); err != nil {
		return fmt.Errorf("failed to check the buildpack: %w", err)
	}
	relatives, err := s.family()
	if err != nil {
		return err
	}
	sidecars, err := s.resolve(relatives)
	if err != nil {
		return err
	}
	neighbours, err := s.neighbours(sidecars)
	if err != nil {
		return err
	}
	if err := s.check(sidecars, neighbours); err != nil {
		return err
	}
	brought, err := s.plan(sidecars)
	if err != nil {
		return err
	}
	if err := s.clear(); err != nil {
		return fmt.Errorf("failed to clear %s: %w", s.Stager.DepDir(), err)
	}
	if err := s.install(brought); err != nil {
		return err
	}
	if err := s.warn(sidecars, neighbours); err != nil {
		return err
	}
	if err := s.writeProfile(sidecars); err != nil {
		return err
	}
	if err := s.writePorts(sidecars); err != nil {
		return err
	}
	if err := s.writeBeside(sidecars, neighbours); err != nil {
		return err
	}
	if err := s.writeSupervision(sidecars); err != nil {
		return err
	}
	if err := s.writeLaunch(sidecars); err != nil {
		return err
	}
	return s.writeIdentity(sidecars)
}

// begin says who is at work. It does not ask for a stack that every dependency of
// the manifest is for, as libbuildpack would: an app need not use any of them,
// and of those that it uses the stack is looked at.
func (s *Supplier) begin() error {
	version, err := s.Stager.BuildpackVersion()
	if err != nil {
		return err
	}
	s.Log.BeginStep("%s version %s", printable.Name(s.Identity.Name), printable.Name(version))
	if packaged := s.Manifest.Stack; packaged != "" && s.Stack != "" && packaged != s.Stack {
		return fmt.Errorf("found the stack %s; expected %s, for which this buildpack was packaged", s.Stack, packaged)
	}
	s.checkVersion()
	return nil
}

// checkVersion says that another version has staged the app before. What is in the
// cache need not be from this buildpack, and libbuildpack reads it whatever it is.
func (s *Supplier) checkVersion() {
	const maxMetadata = 64 << 10 // bytes
	_, err := regularfile.Read(filepath.Join(s.Stager.CacheDir(), "BUILDPACK_METADATA"), maxMetadata)
	switch {
	case err == nil:
		s.Manifest.CheckBuildpackVersion(s.Stager.CacheDir())
	case !errors.Is(err, fs.ErrNotExist):
		s.Log.Warning("It is not known which version has staged the app before: %s", err)
	}
}

func (s *Supplier) resolve(relatives sidecar.Family) ([]sidecar.Definition, error) {
	app, err := os.OpenRoot(s.Stager.BuildDir())
	if err != nil {
		return nil, fmt.Errorf("failed to open the app: %w", err)
	}
	defer app.Close()

	resolved, err := sidecar.ResolveApp(regularfile.FS(app), sidecar.Request{Catalog: s.Catalog, Environ: s.Environ, Family: relatives})
	for _, warning := range resolved.Warnings {
		s.Log.Warning("%s", warning)
	}
	if err != nil {
		return nil, err
	}
	for _, left := range resolved.Left {
		s.Log.Info("%s", left)
	}
	if len(resolved.Sidecars)+len(resolved.Left) == 0 {
		s.Log.BeginStep("No sidecars: neither a %s in the app nor %s names one", sidecar.FileName, sidecar.InlineVariable)
	}
	return resolved.Sidecars, nil
}

// check refuses what the lifecycle would take, and the platform then fail on.
func (s *Supplier) check(sidecars []sidecar.Definition, neighbours []neighbour) error {
	if len(sidecars) == 0 {
		return nil
	}
	if err := s.refuseTakenNames(sidecars, neighbours); err != nil {
		return err
	}
	if err := launch.CheckCommandLength(sidecars, s.Stager.DepsIdx()); err != nil {
		return err
	}
	s.warnOfNoMemory(sidecars)
	if err := s.warnOfReplaced(neighbours); err != nil {
		return err
	}
	return s.refuseTooMuchMemory(sidecars, neighbours)
}

// clear removes what an earlier run left, and whatever else is in the buildpack's
// directory: what is written there later may be written through a link. The
// directory itself, as the platform makes it, is no link.
func (s *Supplier) clear() error {
	deps, err := regularfile.OpenDirectory(s.Stager.DepsDir())
	if err != nil {
		return err
	}
	defer deps.Close() // all that it was for has been told
	if err := s.clearCopy(deps); err != nil {
		return err
	}
	own, err := regularfile.MakeDirectoryIn(deps, s.Stager.DepsIdx())
	if err != nil {
		return err
	}
	defer own.Close()
	return regularfile.Clear(own)
}

func (s *Supplier) writeLaunch(sidecars []sidecar.Definition) error {
	if len(sidecars) == 0 {
		return nil
	}
	processes := launch.ProcessesFor(sidecars, s.Stager.DepsIdx())
	for i, d := range sidecars {
		s.Log.BeginStep("Sidecar %s", describe(d, processes[i].Command))
	}
	for _, directory := range s.launchDirectories() {
		if err := os.MkdirAll(directory, 0o755); err != nil {
			return fmt.Errorf("failed to write launch.yml: %w", err)
		}
		if err := launch.Write(directory, processes); err != nil {
			return err
		}
	}
	return nil
}
