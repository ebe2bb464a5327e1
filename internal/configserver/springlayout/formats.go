package springlayout

import (
	"slices"
	"strings"
)

// A format is one of the kinds of files.
type format struct {
	extension string
	// parse returns the documents of a file. Its error names the path, and quotes no value.
	parse func(path string, content []byte) ([]*values, error)
}

// formats are those that Spring's server reads, a later one of which wins.
var formats = []format{
	{"yaml", parseYAML}, {"yml", parseYAML}, {"xml", parseXML}, {"properties", parseProperties},
}

// isFormat tells whether files with an extension, which has its dot, can be read.
func isFormat(extension string) bool {
	return slices.ContainsFunc(formats, func(f format) bool { return strings.EqualFold("."+f.extension, extension) })
}
