package packaged

import (
	"io/fs"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

const (
	// maxText is the most that is read of a file with settings, in bytes.
	maxText = 4 << 20
	// maxFiles is how many files are looked at, and maxEach how many findings of one rule
	// there are before the rest is summed up.
	maxFiles = 200_000
	maxEach  = 20
)

// A Buildpack is a directory whose files are checked.
type Buildpack struct {
	fs.FS
	into *finding.List
	each map[string]int // findings by rule
}

// add adds a finding, but not more than a person would read of one kind.
func (b *Buildpack) add(id string, f finding.Finding) {
	if b.each[id]++; b.each[id] <= maxEach {
		b.into.Add(id, f)
	}
}

// has tells of a regular file.
func (b *Buildpack) has(name string) bool {
	info, err := fs.Stat(b.FS, name)
	return err == nil && info.Mode().IsRegular()
}

// buildScripts are those that build a buildpack's programs, or package it with them.
var buildScripts = []string{"scripts/build.sh", "scripts/package.sh"}

// neverPacked are the directories of a checkout that are no part of a package.
var neverPacked = []string{".git", ".hg", ".svn"}
