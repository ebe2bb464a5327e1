package packaged

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlbounds"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// checkManifest checks what buildpack-packager reads, and returns it; nil if there is no usable
// manifest.
func (b *Buildpack) checkManifest() *manifest {
	content, err := regularfile.ReadFS(b.FS, manifestFile, maxText)
	if errors.Is(err, fs.ErrNotExist) {
		if !b.has("bin/supply") && !b.has("bin/compile") {
			return nil // it is not a buildpack, which is reported elsewhere
		}
		b.add(finding.ManifestMissing, finding.Finding{File: manifestFile, Found: "no such file"})
		return nil
	}
	if err != nil {
		b.add(finding.ManifestSyntax, finding.Finding{File: manifestFile, Found: err.Error()})
		return nil
	}
	var root yaml.Node
	m := manifest{}
	if err = yaml.Unmarshal(content, &root); err == nil {
		if yamlbounds.Excess(&root, maxNodes) != nil {
			b.add(finding.ManifestSyntax, finding.Finding{File: manifestFile, Found: fmt.Sprintf("more than %d values", maxNodes)})
			return nil
		}
		err = root.Decode(&m)
	}
	if err != nil {
		for _, p := range yamlerror.Explain(content, err) {
			b.add(finding.ManifestSyntax, finding.Finding{File: manifestFile, Line: p.Line, Found: p.Found, Right: p.Want})
		}
		return nil
	}
	b.checkIdentity(m)
	if root.Kind == 0 {
		return nil // an empty file
	}
	if m.Dependencies == nil && m.Language.Value != "" {
		b.add(finding.ManifestSyntax, finding.Finding{File: manifestFile, Line: m.Language.Line, Found: "no dependencies", Right: "dependencies: [], if there are none"})
	}
	b.checkVersion()
	b.checkDeprecations(m)
	b.checkIncluded(m)
	b.checkDependencies(m)
	b.checkDefaults(m)
	b.checkProfiles(m)
	return &m
}

// checkIncluded checks include_files and pre_package. It skips packages, whose files are already
// made.
func (b *Buildpack) checkIncluded(m manifest) {
	made := m.PrePackage.Value != ""
	if made && m.Stack.Value == "" && !b.isExecutable(m.PrePackage.Value) {
		b.add(finding.PrePackage, finding.Finding{File: manifestFile, Line: m.PrePackage.Line, Found: fmt.Sprintf("%q, which is not an executable file", m.PrePackage.Value)})
	}
	if len(m.IncludeFiles) == 0 {
		if m.Language.Value != "" && !m.Excludes.isSet && !m.isPackage() && !made {
			b.add(finding.IncludeDiffers, finding.Finding{File: manifestFile, Line: m.Language.Line, Found: "no include_files"})
		}
		return
	}
	for _, file := range m.IncludeFiles {
		if found := b.notIncludable(file.Value); found != "" && !made && !b.builds(file.Value) {
			b.add(finding.IncludeMissing, finding.Finding{File: manifestFile, Line: file.Line, Found: fmt.Sprintf("%q, %s", file.Value, found)})
		}
	}
	var left []string
	for _, needed := range []string{"manifest.yml", "bin/supply", "bin/finalize", "bin/release", "bin/compile", "bin/detect"} {
		switch {
		case !b.has(needed) || m.means(needed):
		case needed == "manifest.yml" || needed == "bin/supply":
			b.add(finding.IncludeIncomplete, finding.Finding{File: manifestFile, Line: m.IncludeFiles[0].Line, Found: "no " + needed})
		default:
			left = append(left, needed)
		}
	}
	if len(left) > 0 {
		b.add(finding.IncludeDiffers, finding.Finding{File: manifestFile, Line: m.IncludeFiles[0].Line, Found: "no " + strings.Join(left, ", ")})
	}
}

// notIncludable says why buildpack-packager cannot pack a file; empty if it can. It takes neither
// patterns nor what is in a directory (libbuildpack, packager/packager.go, ZipFiles).
func (b *Buildpack) notIncludable(file string) string {
	info, err := fs.Stat(b.FS, path.Clean(file))
	switch {
	case err != nil && strings.ContainsAny(file, "*?["):
		return "a pattern, which buildpack-packager does not expand"
	case err != nil:
		return "which is not there"
	case info.IsDir():
		return "a directory, whose files buildpack-packager does not pack"
	default:
		return ""
	}
}

// means reports whether include_files names a file, or tries to by a pattern or its directory, which
// is reported as such.
func (m *manifest) means(file string) bool {
	return slices.ContainsFunc(m.IncludeFiles, func(t text) bool {
		included := path.Clean(t.Value)
		matches, _ := path.Match(included, file) // an invalid pattern matches nothing
		return included == file || included == path.Dir(file) || matches
	})
}

// builds reports whether a file is made before packaging: VERSION, which buildpack-packager writes,
// and what a script of the repository builds.
func (b *Buildpack) builds(file string) bool {
	if file == "VERSION" {
		return true
	}
	for _, script := range buildScripts {
		content, err := regularfile.ReadFS(b.FS, script, maxText)
		if err == nil && (path.Dir(file) == "bin" || strings.Contains(string(content), path.Base(file))) {
			return true
		}
	}
	return false
}

func (b *Buildpack) isExecutable(name string) bool {
	info, err := fs.Stat(b.FS, name)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
