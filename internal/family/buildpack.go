// Package family finds the sidecar buildpacks of a push: this one, and others made from it. All of
// them read the same declarations of the app, and each sidecar belongs to the first of them that
// can provide it.
package family

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"github.com/BurntSushi/toml"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// The files that describe a buildpack.
const (
	DescriptionFile = "buildpack.toml"
	ManifestFile    = "manifest.yml"
)

// maxDescription is the maximum size of each, in bytes.
const maxDescription = 1 << 20

// An Identity has a buildpack's names, from the table buildpack of its buildpack.toml.
type Identity struct {
	// ID is the short name, as in an app's list of buildpacks: sidecar.
	ID string `toml:"id"`
	// Name is the name for people: Sidecar Buildpack.
	Name string `toml:"name"`
}

// ReadIdentity reads the names from a buildpack.toml. The default ID is id, and the default name is
// the ID.
func ReadIdentity(content []byte, id string) (Identity, error) {
	var document struct {
		Buildpack Identity `toml:"buildpack"`
	}
	if err := toml.Unmarshal(content, &document); err != nil {
		return Identity{}, fmt.Errorf("failed to read the table buildpack of %s: %s", DescriptionFile, redact.Quoted(err.Error()))
	}
	identity := document.Buildpack
	if identity.ID == "" {
		identity.ID = id
	}
	if identity.Name == "" {
		identity.Name = identity.ID
	}
	return identity, nil
}

// A Buildpack is the description of a sidecar buildpack.
type Buildpack struct {
	Identity
	Catalog  sidecar.Catalog
	Manifest []byte // the content of its manifest.yml
}

// ErrStranger is the error for a buildpack that is not a sidecar buildpack.
var ErrStranger = errors.New("it is not a sidecar buildpack")

// Read reads a buildpack's description. In a sidecar buildpack, buildpack.toml has the key sidecars
// in the table metadata, in any of TOML's forms; for any other buildpack, the error is ErrStranger.
// name precedes the names of files in errors.
func Read(files fs.FS, name string) (Buildpack, error) {
	content, err := regularfile.ReadFS(files, DescriptionFile, maxDescription)
	if err != nil {
		return Buildpack{}, ErrStranger
	}
	var document struct {
		Metadata map[string]any `toml:"metadata"`
	}
	err = toml.Unmarshal(content, &document)
	_, ok := document.Metadata["sidecars"]
	if err != nil {
		ok = bytes.Contains(content, []byte("sidecars")) // ParseCatalog reports the error
	}
	if !ok {
		return Buildpack{}, ErrStranger
	}
	var found Buildpack
	if found.Catalog, err = sidecar.ParseCatalog(sidecar.Source{Name: name + DescriptionFile, Content: content}); err != nil {
		return found, err
	}
	if found.Identity, err = ReadIdentity(content, "a sidecar buildpack"); err != nil {
		return found, err
	}
	if found.Manifest, err = regularfile.ReadFS(files, ManifestFile, maxDescription); err != nil {
		return found, fmt.Errorf("failed to read %s%s: %w", name, ManifestFile, err)
	}
	return found, nil
}

// Has reports whether the buildpack's manifest.yml has a dependency of this name.
func (b Buildpack) Has(name string) bool {
	dependencies, err := dependency.Parse(b.Manifest, "")
	return err == nil && dependencies.Has(name)
}

// Relative returns the buildpack in the form of package sidecar.
func (b Buildpack) Relative() sidecar.Relative {
	return sidecar.Relative{Name: b.Name, Catalog: b.Catalog, HasDependency: b.Has}
}
