package supply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// An Installer installs what sidecars need.
type Installer interface {
	// Program copies one of the buildpack's own programs.
	Program(name, destination string) error
	// Artifact fetches, verifies and unpacks an artifact into a directory that does not exist yet.
	Artifact(wanted artifact.Artifact, directory string) error
}

// install installs the sidecars' programs in the bin directory, which the platform's own final
// buildpacks put on PATH (CF-16), and the content of dependencies and artifacts in the packages
// directory.
func (s *Supplier) install(all []judge.Installation) error {
	installed := map[string]bool{}
	for _, one := range all {
		if err := s.installOne(one, installed); err != nil {
			return fmt.Errorf("failed to install sidecar %q: %w", one.Name, err)
		}
	}
	return nil
}

func (s *Supplier) installOne(one judge.Installation, installed map[string]bool) error {
	link := filepath.Join(s.Stager.DepDir(), binDirectory, one.Package.Name())
	if !one.Package.NeedsDownload() {
		s.Log.BeginStep("Installing %s", printable.Name(one.Name))
		return s.Installer.Program(one.Package.Executable, link)
	}
	directory := filepath.Join(s.Stager.DepDir(), judge.PackagesDirectory, one.Directory)
	if !installed[directory] {
		s.Log.BeginStep("Installing %s", strings.TrimSpace(printable.Name(one.Name)+" "+printable.Name(one.Version)))
		if err := s.Installer.Artifact(one.Artifact, directory); err != nil {
			return err
		}
		installed[directory] = true
	}
	if one.Package.Executable == "" {
		return nil
	}
	return s.linkExecutable(link, directory, one.Package.Executable)
}

// linkExecutable links an executable of a package from the bin directory.
func (s *Supplier) linkExecutable(link, directory, executable string) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return fmt.Errorf("failed to open what was unpacked: %w", err)
	}
	defer root.Close() // it was only read
	info, err := root.Stat(executable)
	if err != nil || !info.Mode().IsRegular() {
		found := executables(root.FS())
		return fmt.Errorf("found no program %q in what was unpacked%s", executable, suggest.Before(suggest.Name(executable, found), "it holds "+strings.Join(found, ", ")))
	}
	if err := s.checkInstalled(root, executable); err != nil {
		return err
	}
	if info.Mode()&0o100 == 0 { // some archives do not preserve the mode
		if err := root.Chmod(executable, info.Mode().Perm()|0o111); err != nil {
			return fmt.Errorf("failed to make %q executable: %w", executable, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return fmt.Errorf("failed to make a directory: %w", err)
	}
	target := filepath.Join("..", judge.PackagesDirectory, filepath.Base(directory), filepath.FromSlash(executable))
	if err := os.Symlink(target, link); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("failed to link the program: %w", err)
	}
	return nil
}

// executables lists some executable files below a directory or, if there are none, some files.
func executables(directory fs.FS) []string {
	const maxListed = 10
	var executable, others []string
	_ = fs.WalkDir(directory, ".", func(name string, entry fs.DirEntry, err error) error { // what cannot be read is not listed
		if err != nil || !entry.Type().IsRegular() {
			return nil
		}
		if info, err := entry.Info(); err == nil && info.Mode()&0o111 != 0 {
			executable = append(executable, name)
		} else {
			others = append(others, name)
		}
		return nil
	})
	found := executable
	if len(found) == 0 {
		found = others
	}
	slices.SortStableFunc(found, func(a, b string) int { return len(path.Dir(a)) - len(path.Dir(b)) })
	switch {
	case len(found) == 0:
		return []string{"no files"}
	case len(found) > maxListed:
		return append(found[:maxListed], fmt.Sprintf("and %d more", len(found)-maxListed))
	default:
		return found
	}
}
