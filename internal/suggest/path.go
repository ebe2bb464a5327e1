package suggest

import (
	"os"
	"path/filepath"
)

// Path is the path that was most likely meant by one at which there is nothing: that of a
// file in the same directory that fits, or another name. It may be empty.
func Path(path string, fits func(path string) bool, others ...string) string {
	directory, name := filepath.Split(path)
	entries, _ := os.ReadDir(filepath.Clean(directory)) // without it, there are the other names
	for _, entry := range entries {
		if fits(directory + entry.Name()) {
			others = append(others, entry.Name())
		}
	}
	meant := Name(name, others)
	if meant == "" {
		return ""
	}
	if _, err := os.Stat(directory + meant); err == nil {
		return directory + meant
	}
	return meant
}
