package springlayout

import (
	"path"
	"strings"
)

// A location is a folder, or a file with its extension apart.
type location struct {
	name      string // as Spring shows it
	path      string
	extension string // of a file, with its dot
	format    string // the extension that says how to read a file; empty for a folder
}

// A reference is a file that may be there.
type reference struct {
	path, location  string
	format          string // the extension that says how to read it, with its dot
	profileSpecific bool
}

// references are the files of a folder, or of a path without its extension, for each profile in
// turn, or for no profile at all (nil), and each name.
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

// isLocal tells whether a path is one of the tree: a profile or an application may have .. in it.
func isLocal(file string) bool {
	return file == path.Clean(file) && file != ".." && !strings.HasPrefix(file, "../") && !strings.HasPrefix(file, "/")
}
