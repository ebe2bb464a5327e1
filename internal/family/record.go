package family

import (
	"fmt"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// RecordFile is what each sidecar buildpack writes to its deps directory for later ones of the
// push. It is an interface between versions of this buildpack.
const RecordFile = "sidecar-buildpack.yml"

// RecordVersion is the version of the file that this buildpack reads and writes. Readers must not
// use fields of other versions.
const RecordVersion = 1

// A Record is the content of the file.
type Record struct {
	Version int `yaml:"version"`
	// ID and Name are the buildpack's names.
	ID   string `yaml:"id"`
	Name string `yaml:"name"`
	// Sidecars are the names of the sidecars that it provides.
	Sidecars []string `yaml:"sidecars"`
	// Absent are the names of sidecars that it knows, but that this app does not have.
	Absent []string `yaml:"absent,omitempty"`
}

// ReadRecord reads the file in a deps directory. If there is none, the error is fs.ErrNotExist.
func ReadRecord(directory string) (Record, error) {
	var record Record
	content, err := regularfile.Read(filepath.Join(directory, RecordFile), maxDescription)
	if err != nil {
		return record, fmt.Errorf("failed to read %s: %w", RecordFile, err)
	}
	// The version first: only a reader that knows it may read the rest.
	var version struct {
		Version int `yaml:"version"`
	}
	if err := yaml.Unmarshal(content, &version); err != nil {
		return record, yamlerror.Wrap(RecordFile, content, err)
	}
	if version.Version != RecordVersion {
		return Record{Version: version.Version}, nil
	}
	if err := yaml.Unmarshal(content, &record); err != nil {
		return record, yamlerror.Wrap(RecordFile, content, err)
	}
	return record, nil
}

// Write writes the file to a deps directory.
func (r Record) Write(directory string) error {
	content, err := yaml.Marshal(r)
	if err == nil {
		err = os.WriteFile(filepath.Join(directory, RecordFile), content, 0o600)
	}
	if err != nil {
		return fmt.Errorf("failed to write %s: %w", RecordFile, err)
	}
	return nil
}
