package packaged

import (
	"io/fs"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

const (
	// maxText is the maximum size of a settings file, in bytes.
	maxText = 4 << 20
	// maxFiles is how many files are checked, and maxEach how many findings of one rule are listed
	// before the rest is only counted.
	maxFiles = 200_000
	maxEach  = 20
)

// A Buildpack checks the files in a directory.
type Buildpack struct {
	fs.FS
	into *finding.List
	each map[string]int // number of findings by rule
}

// add adds a finding, unless there are too many of its rule for a person to read.
func (b *Buildpack) add(id string, f finding.Finding) {
	if b.each[id]++; b.each[id] <= maxEach {
		b.into.Add(id, f)
	}
}

// has reports whether a regular file exists.
func (b *Buildpack) has(name string) bool {
	info, err := fs.Stat(b.FS, name)
	return err == nil && info.Mode().IsRegular()
}

// buildScripts are the scripts that build a buildpack's programs or its package.
var buildScripts = []string{"scripts/build.sh", "scripts/package.sh"}

// neverPacked are directories of a checkout that a package never has.
var neverPacked = []string{".git", ".hg", ".svn"}

const (
	windowsFound = "Windows line endings"
	windowsRight = "lines that end with LF alone"
)
