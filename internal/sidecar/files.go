package sidecar

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Limits of the files of one sidecar.
const (
	maxFiles      = 64
	maxFilePath   = 255 // characters
	maxTemplate   = 64 << 10
	wantFilePath  = "a path below $SIDECAR_FILES, such as conf/agent.yaml, without .., quotes and control characters"
	fromKey       = "from"
	templateKey   = "template"
	wantSomeFile  = "the text of a template, or a mapping with the key from or template"
	wantFileOfApp = "the path of a file of the app, such as config/agent.yaml.tmpl"
)

// A File is written before the sidecar starts. Exactly one of Template, TemplateFile and Copy is
// set.
type File struct {
	// Path is relative, clean and with slashes, and no other file's path is below it.
	Path string
	// Template is the text of a template.
	Template *string
	// TemplateFile is the path of a template, and Copy the path of a file to copy unchanged: below
	// the app's root or, if InBuildpack is set, the buildpack's.
	TemplateFile, Copy string
	InBuildpack        bool
	// At is the position of the file.
	At Position
}

// Source returns the path of the file that it is made from, or nothing if there is none.
func (f File) Source() string {
	if f.Copy != "" {
		return f.Copy
	}
	return f.TemplateFile
}

// files maps paths to the contents of files.
var files = kind[[]File]{
	read: func(w *decoder, node *yaml.Node, what string) []File {
		read := []File{}
		if node.Kind != yaml.MappingNode {
			w.problem(node, what, notMapping, "a mapping of paths to templates")
			return read
		}
		pairs := w.pairs(node, what)
		if len(pairs) > maxFiles {
			w.problem(node, what, fmt.Sprintf("%d files", len(pairs)), fmt.Sprintf("at most %d", maxFiles))
			return read
		}
		for _, p := range pairs {
			if file, ok := w.file(p, what, read); ok {
				read = append(read, file)
			}
		}
		return read
	},
	shown: func(files []File) []string {
		paths := make([]string, len(files))
		for i, f := range files {
			paths[i] = f.Path
		}
		return paths
	},
	fromVariable: yamlNode,
	schema: schema{
		"type": "object", "maxProperties": maxFiles,
		"propertyNames": schema{"maxLength": maxFilePath, "pattern": "^[^\"\\\\`$\\x00-\\x1f]+$", "not": unclean},
		"additionalProperties": schema{"anyOf": []schema{
			{"type": "string", "maxLength": maxTemplate},
			sourceSchema(fromKey), sourceSchema(templateKey),
		}},
	},
}

// unclean matches paths that are not relative, or have an empty part, . or ..
var unclean = schema{"pattern": `(^|/)\.{0,2}(/|$)`}

func sourceSchema(key string) schema {
	return schema{"type": "object", "required": []string{key}, "additionalProperties": false, "properties": schema{
		key: schema{"type": "string", "pattern": `\S`, "maxLength": maxURILength, "not": unclean},
	}}
}

// file reads one of the files, and rejects one that conflicts with those before it.
func (w *decoder) file(p pair, what string, others []File) (File, bool) {
	file := File{Path: p.key.Value, At: w.at(p.key), InBuildpack: w.catalog}
	if p.key.Kind != yaml.ScalarNode || !isFilePath(p.key.Value) {
		found := describe(p.key)
		if p.key.Kind == yaml.ScalarNode {
			found = quote(p.key.Value)
		}
		w.problem(p.key, what, "the path "+found, wantFilePath)
		return file, false
	}
	for _, other := range others {
		if strings.HasPrefix(other.Path, file.Path+"/") || strings.HasPrefix(file.Path, other.Path+"/") {
			w.problem(p.key, what, fmt.Sprintf("%s and %s, of which one would be a directory", quote(other.Path), quote(file.Path)), "paths that are files all")
			return file, false
		}
	}
	what += ": " + file.Path
	switch {
	case p.value.Kind == yaml.MappingNode:
		return file, w.fileSource(p.value, what, &file)
	case p.value.Kind != yaml.ScalarNode || p.value.ShortTag() != "!!str":
		w.problem(p.value, what, w.describe(p.value), wantSomeFile)
		return file, false
	case len(p.value.Value) > maxTemplate:
		w.problem(p.value, what, fmt.Sprintf("%d bytes", len(p.value.Value)), fmt.Sprintf("at most %d, or a file of the app: {template: PATH}", maxTemplate))
		return file, false
	}
	file.Template, file.At = &p.value.Value, w.at(p.value)
	return file, w.countText(p.value)
}

// fileSource reads {from: PATH} or {template: PATH}.
func (w *decoder) fileSource(node *yaml.Node, what string, into *File) bool {
	keys := []string{fromKey, templateKey}
	pairs := w.pairs(node, what)
	for _, p := range pairs {
		if p.key.Kind != yaml.ScalarNode || !slices.Contains(keys, p.key.Value) {
			w.unknownKey(p.key, what, keys, "one of the keys from (a file as it is) and template")
			return false
		}
	}
	if len(pairs) != 1 {
		w.problem(node, what, fmt.Sprintf("%d keys", len(pairs)), "one of the keys from (a file as it is) and template")
		return false
	}
	path, ok := w.readText(pairs[0].value, what+": "+pairs[0].key.Value, maxURILength)
	if !ok {
		return false
	}
	if !fs.ValidPath(path) || path == "." || strings.ContainsFunc(path, unicode.IsControl) {
		w.problem(pairs[0].value, what+": "+pairs[0].key.Value, quote(path), wantFileOfApp)
		return false
	}
	if pairs[0].key.Value == fromKey {
		into.Copy = path
	} else {
		into.TemplateFile = path
	}
	return true
}

// isFilePath reports whether a path can be written below a directory, and in a command between
// double quotes.
func isFilePath(path string) bool {
	return fs.ValidPath(path) && path != "." && utf8.RuneCountInString(path) <= maxFilePath && !strings.ContainsAny(path, "\"\\`$") && !strings.ContainsFunc(path, unicode.IsControl)
}
