package sidecar

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	maxVersionLength = 255
	maxStrip         = 32 // parts of a path
)

// versions selects versions of a dependency.
var versions = kind[string]{
	read: func(w *decoder, node *yaml.Node, what string) string {
		if tag := node.ShortTag(); node.Kind == yaml.ScalarNode && (tag == "!!float" || tag == "!!int") {
			// As a number, 1.10 would read 1.1.
			node = textNode(node.Value)
		}
		text, _ := w.readText(node, what, maxVersionLength)
		return text
	},
	shown: shownText, fromVariable: textNode,
	schema: schema{"type": []string{"string", "number"}, "maxLength": maxVersionLength},
}

// executablePath is the path of an executable within an archive.
var executablePath = kind[string]{
	read: func(w *decoder, node *yaml.Node, what string) string {
		text, ok := w.readText(node, what, maxURILength)
		if !ok {
			return ""
		}
		clean := path.Clean(text)
		if !isExecutablePath(clean) || strings.HasSuffix(text, "/") {
			w.problem(node, what, quote(text), "the path of a program below what is unpacked, such as bin/agent, without quotes, backslashes and dollar signs")
			return ""
		}
		return clean
	},
	shown: shownText, fromVariable: textNode,
	schema: schema{"type": "string", "minLength": 1, "maxLength": maxURILength, "pattern": `^[^"$` + "`" + `\\\n]*[^"$` + "`" + `\\\n/]$`},
}

// isExecutablePath reports whether a path can be written in a command between double quotes.
func isExecutablePath(name string) bool {
	return fs.ValidPath(name) && name != "." && !strings.ContainsAny(name, "\"$`\\\n")
}

// artifactKeys are the keys of an artifact, in the order in which messages list them.
var artifactKeys = []string{"uri", "sha256", stripKey, executableKey}

var sha256Pattern = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)

// artifactValue is a file from any server. Its strip and executable are the sidecar's own fields,
// which the sidecar may also set itself.
var artifactValue = value{
	read: readArtifact,
	copy: func(from, to *declaration) {
		to.Package.Artifact.URI, to.Package.Artifact.Checksum = from.Package.Artifact.URI, from.Package.Artifact.Checksum
	},
	shown:        func(d *declaration) []string { return shownText(d.Package.Artifact.URI) },
	fromVariable: yamlNode,
	schema: schema{
		"type": "object", "required": []string{"uri", "sha256"}, "additionalProperties": false,
		"properties": map[string]schema{
			"uri":         {"type": "string", "pattern": "^(https?|file):.", "maxLength": maxURILength},
			"sha256":      {"type": "string", "pattern": sha256Pattern.String()},
			stripKey:      strip.schema,
			executableKey: executablePath.schema,
		},
	},
}

// strip is how many leading parts of a path are dropped.
var strip = number(0, maxStrip, "")

func readArtifact(w *decoder, node *yaml.Node, what string, into *declaration) {
	if node.Kind != yaml.MappingNode {
		w.problem(node, what, notMapping, "a mapping with the keys "+strings.Join(artifactKeys, ", "))
		return
	}
	stated := map[string]bool{}
	twice := false
	for _, p := range w.pairs(node, what) {
		key := p.key.Value
		if !slices.Contains(artifactKeys, key) || p.key.Kind != yaml.ScalarNode {
			w.unknownKey(p.key, what, artifactKeys, "one of the keys "+strings.Join(artifactKeys, ", ")+", a colon and a blank")
			continue
		}
		stated[key] = true
		switch key {
		case "uri":
			into.Package.Artifact.URI = w.uri(p.value, what+": uri")
		case "sha256":
			into.Package.Artifact.Checksum = w.sha256(p.value, what+": sha256")
		case stripKey:
			twice = twice || into.stated[stripKey]
			into.Package.Artifact.Strip = strip.read(w, p.value, what+": "+stripKey)
		case executableKey:
			twice = twice || into.stated[executableKey]
			into.Package.Executable = executablePath.read(w, p.value, what+": "+executableKey)
		}
	}
	if twice {
		w.problem(node, what, "strip or executable both in the artifact and next to it", "each once")
	}
	for _, key := range []string{stripKey, executableKey} {
		into.stated[key] = into.stated[key] || stated[key]
	}
	if !stated["uri"] {
		w.problem(node, what, "no uri", "the key uri: where the file is")
	}
	if !stated["sha256"] {
		w.problem(node, what, "no sha256", "the key sha256: nothing is installed that has not been verified")
	}
	if name := bareExecutable(into.Package.Artifact.URI); !into.stated[executableKey] && name != "" {
		into.Package.Executable = name
		into.stated[executableKey] = true
	}
}

func (w *decoder) uri(node *yaml.Node, what string) string {
	text, ok := w.readText(node, what, maxURILength)
	if !ok {
		return ""
	}
	parsed, err := url.Parse(text)
	if err != nil || !isLocation(parsed) {
		// The URI may contain a password.
		w.problem(node, what, "text that is not the URI of a file", "one such as https://example.com/agent-1.2.3.tar.gz, with http, https or file in front")
		return ""
	}
	return text
}

// isLocation reports whether a file can be fetched from a URI.
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

func (w *decoder) sha256(node *yaml.Node, what string) string {
	if node.Kind != yaml.ScalarNode || !sha256Pattern.MatchString(node.Value) {
		found := describe(node)
		if node.Kind == yaml.ScalarNode {
			found = fmt.Sprintf("%d characters", len(node.Value)) // it may be a URI with a password
		}
		w.problem(node, what, found, "the 64 hexadecimal digits of the file's SHA-256, in quotes")
		return ""
	}
	return strings.ToLower(node.Value)
}

// archiveNames are the suffixes of archives, and compressedNames those of files that are compressed
// without an archive.
var (
	archiveNames    = regexp.MustCompile(`(?i)\.(tar|tgz|txz|tbz2?|tzst|tar\.(gz|xz|bz2|zst)|zip)$`)
	compressedNames = regexp.MustCompile(`(?i)\.(gz|xz|bz2|zst)$`)
)

// bareExecutable returns the name of the executable that a URI names, or nothing if it names an
// archive or has no name. The suffix of a compression is removed, as decompression will do.
func bareExecutable(uri string) string {
	parsed, err := url.Parse(uri)
	if err != nil || uri == "" {
		return ""
	}
	name := path.Base(parsed.Path)
	if archiveNames.MatchString(name) {
		return ""
	}
	name = compressedNames.ReplaceAllString(name, "")
	if !isExecutablePath(name) {
		return ""
	}
	return name
}

// checkPackage rejects declarations that do not clearly say which package they mean.
func (r *diagnostics) checkPackage(d declaration) {
	if r.gaveUp {
		return
	}
	found := func(found, want string) {
		r.add(Problem{At: d.At, What: d.label(), Found: found, Want: want})
	}
	switch {
	case d.stated[dependencyKey] && d.stated[artifactKey]:
		found("both a dependency and an artifact", "one of them")
	case !d.stated[dependencyKey] && d.stated[versionKey]:
		found("a version without a dependency", "the key dependency, with a name from the buildpack's manifest.yml")
	case d.builtIn && d.stated[stripKey]:
		found("strip for a program of the buildpack's own", "the key dependency next to it, or no strip")
	case !d.stated[dependencyKey] && !d.stated[artifactKey] && !d.builtIn && (d.stated[executableKey] || d.stated[stripKey]):
		found("an executable that no dependency or artifact contains", "the key dependency, or the key artifact with uri and sha256; a program of the app's own goes into command")
	case d.stated[dependencyKey] && !d.stated[executableKey] && !d.stated[commandKey]:
		found("a dependency without an executable", "the key executable: the program's path below what is unpacked; or the key command")
	}
}
