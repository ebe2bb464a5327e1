package standin

import (
	"os"
	"path/filepath"
)

// FindIn returns the path of a program in the directories of a PATH.
func FindIn(directories, program string) (string, bool) {
	for _, directory := range filepath.SplitList(directories) {
		if !filepath.IsAbs(directory) {
			continue
		}
		file := filepath.Join(directory, program)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return file, true
		}
	}
	return "", false
}
