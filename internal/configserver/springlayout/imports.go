package springlayout

import (
	"fmt"
	"path"
	"strings"
)

// importsOf returns the files of the tree that a document imports. Like Spring's server, it skips files that do
// not exist. It also skips imports of other kinds (file:, classpath:, configtree:, http:), since they lead out
// of the tree.
func importsOf(d *document, names, profiles []string) ([]reference, error) {
	var all []reference
	for _, imported := range d.imports {
		var group []location
		for one := range strings.SplitSeq(strings.TrimPrefix(imported, "optional:"), ";") {
			one = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(one), "optional:"), "resource:")
			if one == "" || strings.HasPrefix(one, "/") || strings.Contains(one, ":") {
				continue
			}
			at := location{name: one, path: path.Join(path.Dir(d.path), one)}
			if !strings.HasSuffix(one, "/") {
				if at.path, at.format = fileHint(at.path); at.format == "" {
					at.extension = path.Ext(at.path)
					at.path, at.format = strings.TrimSuffix(at.path, at.extension), at.extension
				}
				if !isFormat(at.format) {
					return nil, fmt.Errorf("%s: spring.config.import: found a file with the extension %q; expected .yml, .yaml, .properties or .xml, or a folder with / at its end", d.path, at.format)
				}
			}
			if at.path == "." {
				at.path = ""
			}
			group = append(group, at)
		}
		all = append(all, references(names, group, profiles)...)
	}
	return all, nil
}

// fileHint removes the extension that an import states for a file that has none: name[.yml].
func fileHint(file string) (without, hint string) {
	if start := strings.LastIndex(file, "[."); start > 0 && strings.HasSuffix(file, "]") {
		return file[:start], file[start+1 : len(file)-1]
	}
	return file, ""
}
