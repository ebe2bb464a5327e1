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
		b.add(finding.ManifestMissing, finding.Finding{File: manifestFile, Found: "no such file"})
		return nil
	}
	if err != nil {
		b.add(finding.ManifestSyntax, finding.Finding{File: manifestFile, Found: err.Error()})
		return nil
	}
	var root yaml.Node
	var m manifest
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
	b.checkIncluded(m)
	b.checkDependencies(m)
	b.checkDefaults(m)
	b.checkProfiles(m)
	return &m
}

func (b *Buildpack) checkIdentity(m manifest) {
	if m.Language.Value == "" {
		b.add(finding.ManifestLanguage, finding.Finding{File: manifestFile, Line: max(m.Language.Line, 1), Found: "no language"})
	}
	if stack := m.Stack.Value; strings.HasPrefix(stack, "cflinuxfs") && stack != stackNow && stack != stackNext {
		b.add(finding.ManifestStack, finding.Finding{File: manifestFile, Line: m.Stack.Line, Found: "stack: " + stack})
	}
}

// checkIncluded checks include_files and pre_package. It skips packages, whose files are already
// made.
func (b *Buildpack) checkIncluded(m manifest) {
	made := m.PrePackage.Value != ""
	if made && m.Stack.Value == "" && !b.isExecutable(m.PrePackage.Value) {
		b.add(finding.PrePackage, finding.Finding{File: manifestFile, Line: m.PrePackage.Line, Found: fmt.Sprintf("%q, which is not an executable file", m.PrePackage.Value)})
	}
	var included []string
	for _, file := range m.IncludeFiles {
		included = append(included, file.Value)
		if _, err := fs.Stat(b.FS, file.Value); err != nil && !made && !b.builds(file.Value) {
			b.add(finding.IncludeMissing, finding.Finding{File: manifestFile, Line: file.Line, Found: fmt.Sprintf("%q, which is not there", file.Value)})
		}
	}
	if len(included) == 0 {
		return
	}
	var left []string
	for _, needed := range []string{"manifest.yml", "bin/supply", "bin/finalize", "bin/release", "bin/compile", "bin/detect"} {
		switch {
		case !b.has(needed) || slices.Contains(included, needed):
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
