package suggest

import (
	"os"
	"path/filepath"
)

// Path returns the path that was probably meant by a missing one: a file in the same directory that
// fits, or one of the other names. It may be empty.
func Path(path string, fits func(path string) bool, others ...string) string {
	directory, name := filepath.Split(path)
	entries, _ := os.ReadDir(filepath.Clean(directory)) // if this fails, only the other names remain
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
