package published

import (
	"path"
	"strings"
)

// maxLinks is how many links Linux follows in a path.
const maxLinks = 40

// resolve returns a path without symbolic links, as staging follows them; "" for links in a circle.
func (f *File) resolve(name string) string {
	resolved, rest := ".", name
	for followed := 0; rest != ""; {
		var part string
		part, rest, _ = strings.Cut(rest, "/")
		target, link := f.links[path.Join(resolved, part)]
		if !link {
			resolved = path.Join(resolved, part)
			continue
		}
		if followed++; followed > maxLinks {
			return ""
		}
		rest = strings.TrimSuffix(target+"/"+rest, "/")
	}
	return resolved
}
