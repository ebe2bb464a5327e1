package supervision

import (
	"fmt"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// FileName is the file with the specs, in the directory above the program's own.
const FileName = "supervise.conf"

// privateMode is the mode of the files, which may contain a user's values.
const privateMode = 0o600

// Write writes the specs below directory, atomically.
func Write(directory string, specs []Spec) error {
	if err := atomicfile.Write(filepath.Join(directory, FileName), encode(specs), privateMode); err != nil {
		return fmt.Errorf("failed to write %s: %w", FileName, err)
	}
	return nil
}

// Read reads the specs below directory.
func Read(directory string) ([]Spec, error) {
	content, err := regularfile.ReadRaw(filepath.Join(directory, FileName), maxSpecs)
	if err != nil {
		return nil, fmt.Errorf("failed to read %s: %w", FileName, err)
	}
	specs, err := decode(string(content))
	if err != nil {
		return nil, fmt.Errorf("failed to parse %s: %w", filepath.Join(directory, FileName), err)
	}
	return specs, nil
}
