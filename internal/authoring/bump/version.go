package bump

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/Masterminds/semver/v3"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

// substitute returns a URI with every version behind its host replaced.
func substitute(node *yaml.Node, old, version string) (string, error) {
	uri := node.Value
	start := 0
	if host := strings.Index(uri, "://"); host >= 0 {
		start = host + len("://")
		start += max(strings.IndexByte(uri[start:], '/'), 0)
	}
	rest, found := replaceVersion(uri[start:], old, version)
	if escaped := url.QueryEscape(old); escaped != old { // as in 1.2.3%2Bbuild.4
		var also bool
		rest, also = replaceVersion(rest, escaped, url.QueryEscape(version))
		found = found || also
	}
	if !found {
		return "", fmt.Errorf("manifest.yml, line %d: found the version %s not in %s; state with --uri where %s is published", node.Line, old, install.Redact(uri), version)
	}
	return uri[:start] + rest, nil
}

// replaceVersion replaces a version, but not parts of other versions: 1.2 is not in 11.2.0.
func replaceVersion(text, old, version string) (string, bool) {
	var result strings.Builder
	found := false
	for {
		at := strings.Index(text, old)
		if at < 0 {
			result.WriteString(text)
			return result.String(), found
		}
		end := at + len(old)
		if endsInNumber(text[:at]) || beginsNumber(text[end:]) {
			result.WriteString(text[:end])
		} else {
			result.WriteString(text[:at] + version)
			found = true
		}
		text = text[end:]
	}
}

func isDigit(text string, at int) bool {
	return at >= 0 && at < len(text) && text[at] >= '0' && text[at] <= '9'
}

// endsInNumber reports whether the text before a match makes it part of a longer version.
func endsInNumber(text string) bool {
	last := len(text) - 1
	return isDigit(text, last) || last >= 0 && text[last] == '.' && isDigit(text, last-1)
}

// beginsNumber reports whether the text after a match makes it part of a longer version.
func beginsNumber(text string) bool {
	return isDigit(text, 0) || strings.HasPrefix(text, ".") && isDigit(text, 1)
}

// sameDepth returns a constraint with as many parts for another version: 2.11.x becomes 2.12.x. It
// returns false for constraints of other forms.
func sameDepth(constraint, version string) (string, bool) {
	parts, numbers := strings.Split(constraint, "."), strings.Split(version, ".")
	switch last := parts[len(parts)-1]; {
	case strings.ContainsAny(constraint, " <>=~^!,|"):
		return "", false
	case last != "x" && last != "X" && last != "*":
		return version, true
	case len(parts)-1 > len(numbers):
		return "", false
	default:
		return strings.Join(append(numbers[:len(parts)-1:len(parts)-1], last), "."), true
	}
}

// lower reports whether a version precedes another one, if both are semantic versions.
func lower(version, than string) bool {
	new, err := semver.NewVersion(version)
	if err != nil {
		return false
	}
	old, err := semver.NewVersion(than)
	return err == nil && new.LessThan(old)
}
