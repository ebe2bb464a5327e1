package push

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	ignore "github.com/sabhiram/go-gitignore"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Uploads returns the path of a file relative to an app's directory, with slashes, if cf push would
// upload it with the app: if it is in that directory, by whichever path it is named, and neither
// .cfignore nor the cf CLI excludes it. Otherwise, the path is empty.
func Uploads(app, file string) (string, error) {
	info, err := os.Stat(app)
	if err != nil || !info.IsDir() {
		return "", nil // the archive's content is fixed
	}
	directory, file := realPath(app), realPath(file)
	relative, err := filepath.Rel(directory, file)
	if err != nil || directory == "" || file == "" || !filepath.IsLocal(relative) {
		return "", nil
	}
	content, err := regularfile.ReadFS(os.DirFS(directory), ".cfignore", maxIgnoreSize)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("failed to read .cfignore: %w", err)
	}
	relative = filepath.ToSlash(relative)
	if ignore.CompileIgnoreLines(slices.Concat(strings.Split(string(content), "\n"), neverUploaded)...).MatchesPath(relative) {
		return "", nil
	}
	return relative, nil
}

// realPath returns the absolute path of a file without symbolic links, or "" if it does not exist.
func realPath(path string) string {
	absolute, err := filepath.Abs(path)
	if err == nil {
		absolute, err = filepath.EvalSymlinks(absolute)
	}
	if err != nil {
		return "" // a pipe, such as of <(command), is not a file of the app
	}
	return absolute
}
