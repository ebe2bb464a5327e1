// Package supply is the phase in which the buildpack gives an app its sidecars, at any position
// among the push's buildpacks. It is not an API: make a buildpack of your own from package
// buildpack.
package supply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cloudfoundry/libbuildpack"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A Supplier does the work of bin/supply. It only writes below the stager's own deps directory
// (CF-03; unpaddedDirectory is the one exception).
type Supplier struct {
	Stager *libbuildpack.Stager
	Log    *libbuildpack.Logger
	// Identity is the buildpack's own.
	Identity family.Identity
	Catalog  sidecar.Catalog
	// Siblings are the other sidecar buildpacks that the push may have.
	Siblings []family.Buildpack
	// Languages are the languages that the push's other buildpacks may be for: see
	// family.Languages.
	Languages []string
	// Neighbors is how many other buildpacks there are: see family.Neighbors.
	Neighbors int
	Environ   []string
	// StagingMemory is the staging container's memory; 0 if unknown.
	StagingMemory memory.Size
	Manifest      *libbuildpack.Manifest
	// Stack is the value of CF_STACK, or empty.
	Stack string
	// Dependencies are those in the manifest.
	Dependencies *dependency.Dependencies
	Installer    Installer
	Hooks        Hooks
}

// Run installs the app's sidecars and declares them to the platform. Running it twice leaves the
// same tree. If the app's declarations are wrong, the error is a sidecar.Problems and nothing has
// been written.
func (s *Supplier) Run() error {
	if err := s.begin(); err != nil {
		return fmt.Errorf("failed to check the buildpack: %w", err)
	}
	verdict, err := s.judge()
	if err != nil {
		return err
	}
	if err := s.clear(); err != nil {
		return fmt.Errorf("failed to clear %s: %w", s.Stager.DepDir(), err)
	}
	if err := s.install(verdict.Installations); err != nil {
		return err
	}
	if err := s.runHooks(&verdict); err != nil {
		return err
	}
	for _, step := range []func(judge.Verdict) error{
		s.writeProfile, s.writeKnown, s.writeAppStart, s.writeSupervision, s.writeRendering, s.writeLaunch, s.writeIdentity,
	} {
		if err := step(verdict); err != nil {
			return err
		}
	}
	return nil
}

// begin logs the buildpack's name and version. Unlike libbuildpack, it does not require a stack
// that every dependency in the manifest supports: an app may not use all of them, and for those
// that it uses the stack is checked later.
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

// checkVersion logs that another version staged the app before. The cache may contain anything, not
// just this buildpack's files, and libbuildpack reads it regardless.
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

// clear removes what an earlier run left, and whatever else is in the buildpack's directory: a
// later write could follow a link in it. The directory itself, as the platform makes it, is no
// link.
func (s *Supplier) clear() error {
	deps, err := regularfile.OpenDirectory(s.Stager.DepsDir())
	if err != nil {
		return err
	}
	defer deps.Close() // errors that matter have been returned
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

func (s *Supplier) writeLaunch(verdict judge.Verdict) error {
	if len(verdict.Sidecars) == 0 {
		return nil
	}
	for i, d := range verdict.Sidecars {
		s.Log.BeginStep("Sidecar %s", describe(d, verdict.Processes[i].Command))
	}
	if err := s.warnOfDetection(); err != nil {
		return err
	}
	for _, directory := range s.launchDirectories() {
		if err := os.MkdirAll(directory, 0o755); err != nil {
			return fmt.Errorf("failed to write launch.yml: %w", err)
		}
		if err := launch.Write(directory, verdict.Processes); err != nil {
			return err
		}
	}
	return nil
}
