package sidecar

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	maxURILength     = 4096
	maxVersionLength = 255
	maxStrip         = 32 // parts of a path
)

func readDependency(w *walk, node *yaml.Node, what string, into *entry) {
	into.dependency = w.optionalText(node, what+": dependency", MaxNameLength)
}

func readVersion(w *walk, node *yaml.Node, what string, into *entry) {
	if tag := node.ShortTag(); node.Kind == yaml.ScalarNode && (tag == "!!float" || tag == "!!int") {
		// 1.10 would be 1.1 to whoever reads the number.
		node = textNode(node.Value)
	}
	into.version = w.optionalText(node, what+": version", maxVersionLength)
}

func readExecutable(w *walk, node *yaml.Node, what string, into *entry) {
	into.executable = w.executable(node, what+": executable")
}

func readStrip(w *walk, node *yaml.Node, what string, into *entry) {
	into.strip = w.strip(node, what+": strip")
}

// optionalText is nil where the node holds none.
func (w *walk) optionalText(node *yaml.Node, what string, most int) *string {
	if text, ok := w.readText(node, what, most); ok {
		return &text
	}
	return nil
}

func (w *walk) executable(node *yaml.Node, what string) *string {
	text := w.optionalText(node, what, maxURILength)
	if text == nil {
		return nil
	}
	clean := path.Clean(*text)
	if !isProgramPath(clean) || strings.HasSuffix(*text, "/") {
		w.problem(node, what, quote(*text), "the path of a program below what is unpacked, such as bin/agent, without quotes, backslashes and dollar signs")
		return nil
	}
	return &clean
}

func (w *walk) strip(node *yaml.Node, what string) *int {
	strip, err := strconv.Atoi(decimal(node))
	if node.Kind != yaml.ScalarNode || err != nil || strip < 0 || strip > maxStrip {
		w.problem(node, what, describe(node), fmt.Sprintf("a whole number from 0 to %d", maxStrip))
		return nil
	}
	return &strip
}

// isProgramPath tells a path that can be written down in a command between double
// quotes.
func isProgramPath(name string) bool {
	return fs.ValidPath(name) && name != "." && !strings.ContainsAny(name, "\"$`\\\n")
}

// artifactKeys are those of an artifact, in the order in which messages name them.
var artifactKeys = []string{"uri", "sha256", "strip", "executable"}

var sha256Pattern = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)

func readArtifact(w *walk, node *yaml.Node, what string, into *entry) {
	what += ": artifact"
	into.artifact = &Artifact{}
	if node.Kind != yaml.MappingNode {
		w.problem(node, what, notMapping, "a mapping with the keys "+strings.Join(artifactKeys, ", "))
		return
	}
	stated := map[string]bool{}
	var strip *int
	var executable *string
	for _, p := range w.pairs(node, what) {
		key := p.key.Value
		if !slices.Contains(artifactKeys, key) || p.key.Kind != yaml.ScalarNode {
			w.unknownKey(p.key, what, artifactKeys, "one of the keys "+strings.Join(artifactKeys, ", ")+", a colon and a blank")
			continue
		}
		stated[key] = true
		switch key {
		case "uri":
			into.artifact.URI = w.uri(p.value, what+": uri")
		case "sha256":
			into.artifact.SHA256 = w.sha256(p.value, what+": sha256")
		case "strip":
			strip = w.strip(p.value, what+": strip")
		case "executable":
			executable = w.executable(p.value, what+": executable")
		}
	}
	if (strip != nil && into.strip != nil) || (executable != nil && into.executable != nil) {
		w.problem(node, what, "strip or executable both in the artifact and beside it", "each once")
	}
	if strip != nil {
		into.strip = strip
	}
	if executable != nil {
		into.executable = executable
	}
	if !stated["uri"] {
		w.problem(node, what, "no uri", "the key uri: where the file is")
	}
	if !stated["sha256"] {
		w.problem(node, what, "no sha256", "the key sha256: nothing is installed that has not been verified")
	}
	if into.executable == nil && into.artifact.URI != "" {
		into.executable = bareExecutable(into.artifact.URI)
	}
}

func (w *walk) uri(node *yaml.Node, what string) string {
	text, ok := w.readText(node, what, maxURILength)
	if !ok {
		return ""
	}
	parsed, err := url.Parse(text)
	if err != nil || !isLocation(parsed) {
		// What was found may hold a password.
		w.problem(node, what, "what is no URI of a file", "one such as https://example.com/agent-1.2.3.tar.gz, with http, https or file in front")
		return ""
	}
	return text
}

// isLocation tells a URI that a file can be fetched from.
func isLocation(uri *url.URL) bool {
	switch uri.Scheme {
	case "http", "https":
		return uri.Host != "" && uri.Path != ""
	case "file":
		return (uri.Host == "" || uri.Host == "localhost") && uri.Path != ""
	default:
		return false
	}
}

func (w *walk) sha256(node *yaml.Node, what string) string {
	if node.Kind != yaml.ScalarNode || !sha256Pattern.MatchString(node.Value) {
		found := describe(node)
		if node.Kind == yaml.ScalarNode {
			found = fmt.Sprintf("%d characters", len(node.Value)) // which may be a URI with a password
		}
		w.problem(node, what, found, "the 64 hexadecimal digits of the file's SHA-256, in quotes")
		return ""
	}
	return strings.ToLower(node.Value)
}

// archiveNames are what the names of archives end in, and compressedNames what those
// of files end in that are compressed alone.
var (
	archiveNames    = regexp.MustCompile(`(?i)\.(tar|tgz|txz|tbz2?|tzst|tar\.(gz|xz|bz2|zst)|zip)$`)
	compressedNames = regexp.MustCompile(`(?i)\.(gz|xz|bz2|zst)$`)
)

// bareExecutable is the name of the program that a URI names, or nil where it
// names an archive. A program that is compressed is called as it will be without.
func bareExecutable(uri string) *string {
	parsed, err := url.Parse(uri)
	if err != nil {
		return nil
	}
	name := path.Base(parsed.Path)
	if archiveNames.MatchString(name) {
		return nil
	}
	name = compressedNames.ReplaceAllString(name, "")
	if !isProgramPath(name) {
		return nil
	}
	return &name
}

// checkProgram refuses what does not say clearly which program is meant.
func (r *report) checkProgram(e entry) {
	if r.gaveUp {
		return
	}
	found := func(found, want string) {
		r.add(Problem{At: e.at, What: e.label(), Found: found, Want: want})
	}
	switch {
	case e.dependency != nil && e.artifact != nil:
		found("both a dependency and an artifact", "one of them")
	case e.dependency == nil && e.version != nil:
		found("a version without a dependency", "the key dependency, with a name from the buildpack's manifest.yml")
	case e.own && e.strip != nil:
		found("strip for a program of the buildpack's own", "the key dependency beside it, or no strip")
	case e.dependency == nil && e.artifact == nil && !e.own && (e.executable != nil || e.strip != nil):
		found("an executable that nothing brings", "the key dependency, or the key artifact with uri and sha256; a program of the app's own goes into command")
	case e.dependency != nil && e.executable == nil && e.command == nil:
		found("a dependency without an executable", "the key executable: the program's path below what is unpacked; or the key command")
	}
}
