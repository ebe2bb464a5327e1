package supply

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

const (
	// sbomFile is the SBOM of a packaged buildpack: in its root, and in its own directory of the
	// droplet.
	sbomFile = "sbom.cdx.json"
	// sbomFormat is its media type, as IANA lists it.
	sbomFormat = "application/vnd.cyclonedx+json"
	// maxSBOM limits how much of an SBOM is read, in bytes.
	maxSBOM = 64 << 20
)

// copySBOM copies the buildpack's SBOM to the droplet. It returns what config.yml tells the
// platform about it as output_metadata (CF-51): its path in the droplet, and its checksum. A
// buildpack that is not packaged has no SBOM, and returns nothing.
func (s *Supplier) copySBOM() (map[string]any, error) {
	content, err := regularfile.Read(filepath.Join(s.Manifest.RootDir(), sbomFile), maxSBOM)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = atomicfile.Write(filepath.Join(s.Stager.DepDir(), sbomFile), content, 0o644)
	}
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	return map[string]any{"sbom": map[string]any{
		"format": sbomFormat, "path": path.Join("deps", s.Stager.DepsIdx(), sbomFile), "sha256": hex.EncodeToString(sum[:]),
	}}, nil
}
