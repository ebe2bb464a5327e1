package judge

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// A Package is what a sidecar's dependency or artifact comes to.
type Package struct {
	// URI is where it is. File is where the buildpack has it itself, relative to its
	// root, and empty where it has not.
	URI, File string
	SHA256    string
	Strip     int
	// Name is what it is to be called if it is a bare executable.
	Name string
	// Directory is its own, below the directory of all packages.
	Directory string
}

// An Installation is what the buildpack installs for one sidecar.
type Installation struct {
	sidecar.Definition
	Artifact Package // the zero value: one of the buildpack's own programs
	Version  string  // of the dependency
}

// install finds what has to be installed for the sidecars, and from where.
func (c Case) install(v *Verdict) error {
	var all []Installation
	var problems []error
	for _, d := range v.Sidecars {
		if !d.Package.NeedsInstall() {
			continue
		}
		one, err := c.installation(d)
		for _, other := range all {
			err = errors.Join(err, one.conflict(other))
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: sidecar %q: %w", d.At, d.Name, err))
		}
		all = append(all, one)
	}
	nameExecutables(all)
	err := errors.Join(append(problems, checkReservedNames(all, v.Sidecars))...)
	if err != nil && c.Overridable {
		v.Warnings = append(v.Warnings, strings.Split(err.Error(), "\n")...)
		err = nil
	}
	v.Installations = all
	return err
}

// nameExecutables gives a bare executable that sidecars share the name used by the one that
// runs it.
func nameExecutables(all []Installation) {
	names := map[string]string{} // by directory
	for _, one := range all {
		if names[one.Artifact.Directory] == "" {
			names[one.Artifact.Directory] = one.Artifact.Name
		}
	}
	for i := range all {
		if all[i].Artifact.Name = names[all[i].Artifact.Directory]; all[i].Artifact.Name == "" {
			all[i].Artifact.Name = plainName(all[i].Name)
		}
	}
}

// conflict refuses two sidecars whose programs would lie in the same place.
func (b Installation) conflict(other Installation) error {
	same := b.Artifact.Directory == other.Artifact.Directory
	switch {
	case same && b.Artifact.Strip != other.Artifact.Strip:
		return fmt.Errorf("found strip %d; expected %d, as sidecar %q has it for the same files", b.Artifact.Strip, other.Artifact.Strip, other.Name)
	case b.Package.Name() != "" && b.Package.Name() == other.Package.Name() && (!same || b.Package.Executable != other.Package.Executable):
		return fmt.Errorf("found an executable called %q; expected another name, as sidecar %q has another program called so", b.Package.Name(), other.Name)
	default:
		return nil
	}
}

func (c Case) installation(d sidecar.Definition) (Installation, error) {
	one := Installation{Definition: d}
	switch {
	case d.Package.Dependency != "":
		found, err := c.Dependencies.Resolve(d.Package.Dependency, d.Package.Version)
		if err != nil {
			return one, err
		}
		one.Version = found.Version
		one.Artifact = dependencyPackage(found)
	case d.Package.NeedsDownload():
		artifact := d.Package.Artifact
		one.Artifact = Package{URI: artifact.URI, SHA256: artifact.SHA256}
		one.Artifact.name(path.Base(artifact.URI))
	default:
		return one, nil
	}
	one.Artifact.Strip, one.Artifact.Name = d.Package.Strip, d.Package.Name()
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
	p.Directory = plainName(name) + "-" + p.SHA256[:min(len(p.SHA256), 8)]
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
