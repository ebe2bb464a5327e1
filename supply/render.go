package supply

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// maxBuildpackFile is the largest file of the buildpack's own that is copied, in bytes.
const maxBuildpackFile = 4 << 20

// writeRendering installs the program that makes variables and files from bound services, with its
// input, if a sidecar needs it, or if the app needs the configuration.
func (s *Supplier) writeRendering(verdict judge.Verdict) error {
	if len(verdict.Rendered) == 0 && !slices.ContainsFunc(verdict.Sidecars, sidecar.Definition.AppNeedsConfig) {
		return nil
	}
	if err := s.Installer.Program(render.Program, filepath.Join(s.Stager.DepDir(), binDirectory, render.Program)); err != nil {
		return fmt.Errorf("failed to install the program that makes variables and files of bound services: %w", err)
	}
	if len(verdict.Rendered) == 0 {
		return nil // only the app needs the configuration
	}
	for _, d := range verdict.Sidecars {
		for _, f := range d.Files {
			if !f.InBuildpack || f.Source() == "" {
				continue
			}
			if err := s.copyOwnFile(f.Source()); err != nil {
				return fmt.Errorf("failed to copy a file for sidecar %q: %w", d.Name, err)
			}
		}
	}
	return render.Write(s.Stager.DepDir(), render.Document{CredHub: render.CredHubAddress(s.Environ), Sidecars: verdict.Rendered})
}

// copyOwnFile copies a file of the buildpack to where it is found when a sidecar starts.
func (s *Supplier) copyOwnFile(name string) error {
	root, err := OpenBuildpack(s.Manifest.RootDir())
	if err != nil {
		return err
	}
	defer root.Close() // it was only read
	content, err := regularfile.ReadFS(regularfile.FS(root), name, maxBuildpackFile)
	if err != nil {
		return regularfile.Unread(name, err)
	}
	destination := filepath.Join(s.Stager.DepDir(), judge.BuildpackFiles, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(destination), 0o755); err != nil {
		return err
	}
	return os.WriteFile(destination, content, privateMode)
}
