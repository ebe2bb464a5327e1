package packaged

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

const versionFile = "VERSION"

// versionText matches a version that can be part of a package's name.
var versionText = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+_~-]*$`)

func (b *Buildpack) checkIdentity(m manifest) {
	language := m.Language
	at := finding.Finding{File: manifestFile, Line: max(language.Line, 1)}
	switch {
	case strings.TrimSpace(language.Value) == "":
		at.Found = "no language"
		b.add(finding.ManifestLanguage, at)
	case strings.ContainsAny(language.Value, "/\n"):
		at.Found = fmt.Sprintf("language: %q, which cannot be part of the name of a file", language.Value)
		b.add(finding.ManifestLanguage, at)
	}
	if stack := m.Stack.Value; stack != "" && isGone(stack) {
		b.add(finding.ManifestStack, finding.Finding{File: manifestFile, Line: m.Stack.Line, Found: "stack: " + stack})
	}
}

// checkVersion checks VERSION, which buildpack-packager reads.
func (b *Buildpack) checkVersion() {
	content, err := regularfile.ReadFS(b.FS, versionFile, maxText)
	version := strings.TrimSpace(string(content))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		b.add(finding.VersionInvalid, finding.Finding{File: versionFile, Found: err.Error()})
	case version == "":
		b.add(finding.VersionInvalid, finding.Finding{File: versionFile, Found: "no version"})
	case !versionText.MatchString(version):
		b.add(finding.VersionInvalid, finding.Finding{File: versionFile, Line: 1, Found: fmt.Sprintf("%.40q", version)})
	}
}

// checkDeprecations checks the dates of dependency_deprecation_dates: with an invalid one, libbuildpack
// does not install the dependency (libbuildpack, installer.go, warnEndOfLife).
func (b *Buildpack) checkDeprecations(m manifest) {
	for _, d := range m.Deprecations {
		if _, err := time.Parse(time.DateOnly, d.Date.Value); err != nil {
			b.add(finding.DeprecationDate, finding.Finding{File: manifestFile, Line: max(d.Date.Line, d.Line), Found: fmt.Sprintf("%s: date: %.40q", d.Name.Value, d.Date.Value)})
		}
	}
}
