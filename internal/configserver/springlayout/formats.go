package springlayout

import (
	"slices"
	"strings"
)

// format is a file format.
type format struct {
	extension string
	// parse returns the documents of a file. Its error names the path, and quotes no value.
	parse func(path string, content []byte) ([]*values, error)
}

// formats are those that Spring's server reads; later ones win.
var formats = []format{
	{"yaml", parseYAML}, {"yml", parseYAML}, {"xml", parseXML}, {"properties", parseProperties},
}

// isFormat reports whether files with an extension, which includes the dot, can be read.
func isFormat(extension string) bool {
	return slices.ContainsFunc(formats, func(f format) bool { return strings.EqualFold("."+f.extension, extension) })
}
