package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// maxDescription is the maximum size in bytes of a file that describes an app or a buildpack.
const maxDescription = 1 << 20

// readBuildpack reads a buildpack's description, from a directory, a zip or the embedded buildpack. The
// error for a buildpack that is not a sidecar buildpack, or not on this machine, is
// family.ErrStranger.
func (t *tool) readBuildpack(name string) (family.Buildpack, error) {
	if name == push.BuiltinBuildpack {
		return family.Read(t.carried.Buildpack.Files, "")
	}
	files, err := stage.OpenBuildpack(name)
	if errors.Is(err, fs.ErrNotExist) {
		return family.Buildpack{}, family.ErrStranger
	}
	if err != nil {
		return family.Buildpack{}, fmt.Errorf("buildpack %s: %w", redact.Address(name), err)
	}
	defer files.Close() // it was only read
	return family.Read(files, name+string(filepath.Separator))
}
