package regularfile

import (
	"os"
	"path/filepath"
	"strings"
)

// Exists reports whether a path exists, whatever it is.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Glob is filepath.Glob in a directory, whose own name is not a pattern.
func Glob(directory, pattern string) ([]string, error) {
	literal := strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(directory)
	return filepath.Glob(filepath.Join(literal, pattern))
}
