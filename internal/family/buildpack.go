// Package family knows the sidecar buildpacks of a push: this one, and others that
// were made from it. All of them read the same declarations of the app, and each
// sidecar belongs to the first of them that can make it.
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

// The files by which a buildpack describes itself.
const (
	DescriptionFile = "buildpack.toml"
	ManifestFile    = "manifest.yml"
)

// maxDescription is the most of each that is read, in bytes.
const maxDescription = 1 << 20

// An Identity is what a buildpack calls itself, in the table buildpack of its
// buildpack.toml.
type Identity struct {
	// ID is short, as in an app's list of buildpacks: sidecar.
	ID string `toml:"id"`
	// Name is what people call it: Sidecar Buildpack.
	Name string `toml:"name"`
}

// ReadIdentity reads it from a buildpack.toml. Where no id is stated, it is this one,
// and where no name is, it is the id.
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

// A Buildpack is a sidecar buildpack, as it describes itself.
type Buildpack struct {
	Identity
	Catalog  sidecar.Catalog
	Manifest []byte // the content of its manifest.yml
}

// ErrStranger is that of a buildpack that is no sidecar buildpack.
var ErrStranger = errors.New("it is no sidecar buildpack")

// Read reads a buildpack's description. A sidecar buildpack is one whose
// buildpack.toml has the key sidecars in its table metadata, in any form that TOML
// has for it; of another one, the error is ErrStranger. Name is what the buildpack's
// files are called in errors.
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
		ok = bytes.Contains(content, []byte("sidecars")) // its catalog says what is wrong
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

// Has tells whether the buildpack's manifest.yml has a dependency of this name.
func (b Buildpack) Has(name string) bool {
	dependencies, err := dependency.Parse(b.Manifest, "")
	return err == nil && dependencies.Has(name)
}

// Relative is the buildpack as sidecar.Family has it.
func (b Buildpack) Relative() sidecar.Relative {
	return sidecar.Relative{Name: b.Name, Catalog: b.Catalog, HasDependency: b.Has}
}
