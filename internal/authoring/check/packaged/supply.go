package packaged

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

const supplyFile = "bin/supply"

// checkSupply checks that there is a program that the platform can run (CF-01). A repository may
// have none yet, or one that builds the real one: that is not an error of its package, and is
// returned.
func (b *Buildpack) checkSupply(m *manifest) (unbuilt *finding.Finding) {
	if !b.has(supplyFile) {
		if unbuilt := b.packagedLater(m); unbuilt != nil {
			return unbuilt
		}
		if b.has("bin/compile") {
			b.add(finding.OnlyLast, finding.Finding{File: supplyFile, Found: b.kindAt(supplyFile) + ", and bin/compile, which runs for the last buildpack alone"})
			return nil
		}
		b.add(finding.SupplyMissing, finding.Finding{File: supplyFile, Found: b.kindAt(supplyFile) + b.similarTo(supplyFile)})
		return nil
	}
	if !b.has("bin/finalize") && !b.has("bin/compile") {
		b.add(finding.NotLast, finding.Finding{Found: "neither bin/finalize nor bin/compile"})
	}
	return b.builtFromSource()
}

// kindAt describes what is at a path instead of a regular file.
func (b *Buildpack) kindAt(name string) string {
	info, err := fs.Stat(b.FS, name)
	switch {
	case err == nil && info.IsDir():
		return "a directory"
	case err == nil && !info.Mode().IsRegular():
		return "a " + kindOf(info.Mode())
	}
	target, linkErr := fs.ReadLink(b.FS, name)
	switch {
	case linkErr == nil && errors.Is(err, fs.ErrNotExist):
		return "a link to " + target + ", which is not there"
	case linkErr == nil:
		return "a link to " + target + ", which leads to no file"
	case errors.Is(err, fs.ErrNotExist):
		return "no such file"
	default:
		return err.Error()
	}
}

// similarTo names a file that was probably meant as a program of bin: of another case, with an
// extension, or in another directory.
func (b *Buildpack) similarTo(program string) (found string) {
	_ = fs.WalkDir(b.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil, found != "":
			return nil
		case entry.IsDir() && (slices.Contains(neverPacked, name) || isNotRun(path.Join(name, "x"))):
			return fs.SkipDir
		}
		base := path.Base(name)
		base = strings.TrimSuffix(base, path.Ext(base))
		if name != program && strings.EqualFold(path.Join(path.Base(path.Dir(name)), base), program) && entry.Type().IsRegular() {
			found = ", but " + name
		}
		return nil
	})
	return found
}

// packagedLater returns a finding if only the package has bin/supply: manifest.yml includes it, and
// the repository can make it.
func (b *Buildpack) packagedLater(m *manifest) *finding.Finding {
	if m == nil {
		return nil
	}
	makers := buildScripts
	if m.PrePackage.Value != "" && m.Stack.Value == "" { // only a package has a stack
		makers = append([]string{m.PrePackage.Value}, makers...)
	}
	for _, included := range m.IncludeFiles {
		if included.Value != supplyFile {
			continue
		}
		for _, maker := range makers {
			if b.isExecutable(maker) {
				return &finding.Finding{File: manifestFile, Line: included.Line, Found: fmt.Sprintf("%s, which %s makes", supplyFile, maker)}
			}
		}
	}
	return nil
}

// fromSource matches the call of the script with which bin/* build the programs, in this repository
// and in those of sidecar new.
var fromSource = regexp.MustCompile(`scripts/(?:run-)?from-source\.sh\b`)

// builtFromSource returns a finding if bin/supply compiles the real one, for which it needs Go and
// modules.
func (b *Buildpack) builtFromSource() *finding.Finding {
	content, err := regularfile.ReadFS(b.FS, supplyFile, maxText)
	if err != nil {
		return nil
	}
	script := string(fromSource.Find(content))
	if script == "" || !b.has(script) {
		return nil
	}
	return &finding.Finding{File: supplyFile, Found: "a script that builds the program, by " + script}
}
