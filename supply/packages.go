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

	"github.com/cloudfoundry-community/sidecar-buildpack/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

const (
	programsDirectory = "bin"
	// packagesDirectory holds what dependencies and artifacts hold, each below a
	// directory of its own.
	packagesDirectory = "packages"
)

// A Package is what a sidecar's dependency or artifact comes to.
type Package struct {
	// URI is where it is. File is where the buildpack has it itself, relative to its
	// root, and empty where it has not.
	URI, File string
	SHA256    string
	Strip     int
	// Program is what it is to be called if it is a bare executable.
	Program string
	// directory is its own, below the packages directory.
	directory string
}

// An Installer brings programs into their place.
type Installer interface {
	// Program copies one of the buildpack's own programs.
	Program(name, destination string) error
	// Package fetches, verifies and unpacks a package into a directory that does
	// not exist yet.
	Package(wanted Package, directory string) error
}

// An installation is what the buildpack installs for one sidecar.
type installation struct {
	sidecar.Definition
	wanted  Package // the zero value: one of the buildpack's own programs
	version string  // of the dependency
}

// CheckPrograms refuses what supply would refuse of the programs that the buildpack
// is to bring for an app's sidecars.
func CheckPrograms(sidecars []sidecar.Definition, dependencies *dependency.Dependencies) error {
	_, err := (&Supplier{Dependencies: dependencies}).plan(sidecars)
	return err
}

// plan finds what has to be brought for the sidecars, and from where. It fails
// before anything is written.
func (s *Supplier) plan(sidecars []sidecar.Definition) ([]installation, error) {
	var all []installation
	var problems []error
	for _, d := range sidecars {
		if !d.Program.NeedsInstall() {
			continue
		}
		one, err := s.installation(d)
		for _, other := range all {
			err = errors.Join(err, one.conflict(other))
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: sidecar %q: %w", d.At, d.Name, err))
		}
		all = append(all, one)
	}
	nameExecutables(all)
	return all, errors.Join(append(problems, refuseSupervisor(all, sidecars))...)
}

// nameExecutables gives a bare executable that sidecars share the name used by the one that
// runs it.
func nameExecutables(all []installation) {
	names := map[string]string{} // by directory
	for _, one := range all {
		if names[one.wanted.directory] == "" {
			names[one.wanted.directory] = one.wanted.Program
		}
	}
	for i := range all {
		if all[i].wanted.Program = names[all[i].wanted.directory]; all[i].wanted.Program == "" {
			all[i].wanted.Program = plainName(all[i].Name)
		}
	}
}

// conflict refuses two sidecars whose programs would lie in the same place.
func (b installation) conflict(other installation) error {
	same := b.wanted.directory == other.wanted.directory
	switch {
	case same && b.wanted.Strip != other.wanted.Strip:
		return fmt.Errorf("found strip %d; expected %d, as sidecar %q has it for the same files", b.wanted.Strip, other.wanted.Strip, other.Name)
	case b.Program.Name() != "" && b.Program.Name() == other.Program.Name() && (!same || b.Program.Executable != other.Program.Executable):
		return fmt.Errorf("found an executable called %q; expected another name, as sidecar %q has another program called so", b.Program.Name(), other.Name)
	default:
		return nil
	}
}

func (s *Supplier) installation(d sidecar.Definition) (installation, error) {
	one := installation{Definition: d}
	switch {
	case d.Program.Dependency != "":
		found, err := s.Dependencies.Resolve(d.Program.Dependency, d.Program.Version)
		if err != nil {
			return one, err
		}
		one.version = found.Version
		one.wanted = dependencyPackage(found)
	case d.Program.NeedsDownload():
		artifact := d.Program.Artifact
		one.wanted = Package{URI: artifact.URI, SHA256: artifact.SHA256}
		one.wanted.name(path.Base(artifact.URI))
	default:
		return one, nil
	}
	one.wanted.Strip, one.wanted.Program = d.Program.Strip, d.Program.Name()
	return one, nil
}

func dependencyPackage(found dependency.Dependency) Package {
	wanted := Package{URI: found.URI, File: found.File, SHA256: found.SHA256}
	wanted.name(found.Name + "-" + found.Version)
	return wanted
}

// name gives a package a directory that says what it is, and is that of the same
// content alone.
func (p *Package) name(name string) {
	name, _, _ = strings.Cut(name, "?") // in a URI, what may be a secret begins here
	p.directory = plainName(name) + "-" + p.SHA256[:min(len(p.SHA256), 8)]
}

// plainName makes any name one of a directory.
func plainName(name string) string {
	plain := strings.Map(func(char rune) rune {
		switch {
		case char >= 'a' && char <= 'z', char >= 'A' && char <= 'Z', char >= '0' && char <= '9', strings.ContainsRune("._-", char):
			return char
		default:
			return '_'
		}
	}, name)
	const most = 100 // characters
	return strings.TrimLeft(plain[:min(len(plain), most)], ".")
}

// install brings the sidecars' programs into the bin directory, which the
// platform's own final buildpacks put on PATH (PR-16), and what dependencies and
// artifacts hold into the packages directory.
func (s *Supplier) install(all []installation) error {
	installed := map[string]bool{}
	for _, one := range all {
		if err := s.installOne(one, installed); err != nil {
			return fmt.Errorf("failed to install sidecar %q: %w", one.Name, err)
		}
	}
	return nil
}

func (s *Supplier) installOne(one installation, installed map[string]bool) error {
	link := filepath.Join(s.Stager.DepDir(), programsDirectory, one.Program.Name())
	if !one.Program.NeedsDownload() {
		s.Log.BeginStep("Installing %s", printable.Name(one.Name))
		return s.Installer.Program(one.Program.Executable, link)
	}
	directory := filepath.Join(s.Stager.DepDir(), packagesDirectory, one.wanted.directory)
	if !installed[directory] {
		s.Log.BeginStep("Installing %s", strings.TrimSpace(printable.Name(one.Name)+" "+printable.Name(one.version)))
		if err := s.Installer.Package(one.wanted, directory); err != nil {
			return err
		}
		installed[directory] = true
	}
	if one.Program.Executable == "" {
		return nil
	}
	return s.linkProgram(link, directory, one.Program.Executable)
}

// linkProgram gives a program of a package its place among the programs.
func (s *Supplier) linkProgram(link, directory, executable string) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return fmt.Errorf("failed to open what was unpacked: %w", err)
	}
	defer root.Close() // it was only read
	info, err := root.Stat(executable)
	if err != nil || !info.Mode().IsRegular() {
		found := programs(root.FS())
		return fmt.Errorf("found no program %q in what was unpacked%s", executable, suggest.Before(suggest.Name(executable, found), "it holds "+strings.Join(found, ", ")))
	}
	if err := s.checkInstalled(root, executable); err != nil {
		return err
	}
	if info.Mode()&0o100 == 0 { // some archives do not keep it
		if err := root.Chmod(executable, info.Mode().Perm()|0o111); err != nil {
			return fmt.Errorf("failed to make %q executable: %w", executable, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return fmt.Errorf("failed to make a directory: %w", err)
	}
	target := filepath.Join("..", packagesDirectory, filepath.Base(directory), filepath.FromSlash(executable))
	if err := os.Symlink(target, link); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("failed to link the program: %w", err)
	}
	return nil
}

// programs are the executable files below a directory, or the files where there
// are none, a few of either.
func programs(directory fs.FS) []string {
	const most = 10
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
	case len(found) > most:
		return append(found[:most], fmt.Sprintf("and %d more", len(found)-most))
	default:
		return found
	}
}
