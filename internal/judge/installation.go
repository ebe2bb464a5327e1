package judge

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// install finds what has to be installed for the sidecars, and where it comes from.
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

// nameExecutables gives a bare executable that sidecars share the name used by the sidecar that
// runs it.
func nameExecutables(all []Installation) {
	names := map[string]string{} // by directory
	for _, one := range all {
		if names[one.Directory] == "" {
			names[one.Directory] = one.Artifact.Name
		}
	}
	for i := range all {
		if all[i].Artifact.Name = names[all[i].Directory]; all[i].Artifact.Name == "" {
			all[i].Artifact.Name = plainName(all[i].Name) + all[i].Artifact.JavaExtension()
		}
	}
}

// conflict rejects two sidecars whose programs would have the same path.
func (b Installation) conflict(other Installation) error {
	same := b.Directory == other.Directory
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
		one.Version, one.Artifact = found.Version, found.Artifact
		one.Directory = directory(found.Name+"-"+found.Version, found.Artifact)
	case d.Package.NeedsDownload():
		one.Artifact = d.Package.Artifact
		one.Directory = directory(path.Base(one.Artifact.URI), one.Artifact)
	default:
		return one, nil
	}
	one.Artifact.Strip, one.Artifact.Name = d.Package.Artifact.Strip, d.Package.Name()
	return one, nil
}

// directory names an artifact's directory: the name says what is in it, and different content has a
// different name.
func directory(name string, of artifact.Artifact) string {
	name, _, _ = strings.Cut(name, "?") // in a URI, what may be a secret begins here
	return plainName(name) + "-" + of.Checksum[:min(len(of.Checksum), 8)]
}

// plainName converts any name to a valid directory name.
func plainName(name string) string {
	cleaned := strings.Map(func(char rune) rune {
		switch {
		case char >= 'a' && char <= 'z', char >= 'A' && char <= 'Z', char >= '0' && char <= '9', strings.ContainsRune("._-", char):
			return char
		default:
			return '_'
		}
	}, name)
	const maxLength = 100 // characters
	return strings.TrimLeft(cleaned[:min(len(cleaned), maxLength)], ".")
}
