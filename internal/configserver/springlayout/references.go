package springlayout

import (
	"path"
	"strings"
)

// location is a folder, or a file with its extension separate.
type location struct {
	name      string // as Spring shows it
	path      string
	extension string // of a file, including the dot
	format    string // the extension that determines how to read a file; empty for a folder
}

// reference is a file that may exist.
type reference struct {
	path, location  string
	format          string // the extension that determines how to read it, including the dot
	profileSpecific bool
}

// references returns the files in a folder, or with a path without extension: for each profile in turn, or for
// no profile at all (nil), and for each name.
func references(names []string, locations []location, profiles []string) []reference {
	var all []reference
	add := func(at location, profile string) {
		suffix := ""
		if profile != "" {
			suffix = "-" + profile
		}
		if at.format != "" {
			all = append(all, reference{at.path + suffix + at.extension, at.name, at.format, profile != ""})
			return
		}
		for _, name := range names {
			for _, format := range formats {
				all = append(all, reference{path.Join(at.path, name+suffix+"."+format.extension), at.name, "." + format.extension, profile != ""})
			}
		}
	}
	for _, at := range locations {
		add(at, "")
	}
	for _, profile := range profiles {
		for _, at := range locations {
			add(at, profile)
		}
	}
	return all
}

// isLocal reports whether a path stays inside the tree: a profile or an application may contain "..".
func isLocal(file string) bool {
	return file == path.Clean(file) && file != ".." && !strings.HasPrefix(file, "../") && !strings.HasPrefix(file, "/")
}
