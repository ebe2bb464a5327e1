package packaged

import (
	"regexp"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/shellscript"
)

var (
	// fixedIndex matches a path with a number in place of the buildpack's index.
	fixedIndex = regexp.MustCompile(`(?:/home/vcap/deps|\$\{?(\w+)\}?"?)/([0-9]+)\b`)
	// depsArgument matches the assignment of supply's third argument, DEPS_DIR, to a variable.
	depsArgument = regexp.MustCompile(`\b(\w+)="?\$\{?3\}?"?(?:\s|;|$)`)
	// paddedIndex matches the index of a first buildpack of ten, which scripts compare with if they
	// write the second launch.yml (CF-02).
	paddedIndex = regexp.MustCompile(`\b00\b`)
)

// FixedIndexes finds the paths in a script that assume a position of its buildpack in the push.
func FixedIndexes(content []byte) (found []shellscript.Problem) {
	script := string(content)
	if paddedIndex.MatchString(script) {
		return nil
	}
	deps := []string{"3", "DEPS_DIR"}
	for _, match := range depsArgument.FindAllStringSubmatch(script, -1) {
		deps = append(deps, match[1])
	}
	for i, line := range strings.Split(script, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, match := range fixedIndex.FindAllStringSubmatch(line, -1) {
			if match[1] == "" || slices.Contains(deps, match[1]) {
				found = append(found, shellscript.Problem{Line: i + 1, Found: match[0]})
				break
			}
		}
	}
	return found
}

// checkIndex checks a script. It skips bin/compile, which must make up an index, since the platform
// does not pass one.
func (b *Buildpack) checkIndex(file string, content []byte) {
	if file == "bin/compile" {
		return
	}
	for _, p := range FixedIndexes(content) {
		b.add(finding.IndexFixed, finding.Finding{File: file, Line: p.Line, Found: p.Found})
	}
}
