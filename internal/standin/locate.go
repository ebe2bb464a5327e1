package standin

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
)

// Locate returns a buildpack for the platform: an absolute URL, or the path of a file or directory,
// resolved relative to a directory.
func Locate(directory, buildpack string) (string, error) {
	if address, err := url.Parse(buildpack); err == nil && address.IsAbs() {
		return buildpack, nil
	}
	if buildpack == "" {
		return "", errors.New("it is empty")
	}
	path := buildpack
	if !filepath.IsAbs(path) {
		path = filepath.Join(directory, path)
	}
	if _, err := os.Stat(path); err != nil {
		return "", err
	}
	return path, nil
}

// trusted reports whether a file belongs to this user, to root or to the owner of the app.
func trusted(file, app string) bool {
	owner, ok := ownerOf(file)
	appOwner, _ := ownerOf(app)
	return ok && (owner == uint32(os.Getuid()) || owner == 0 || owner == appOwner)
}

func ownerOf(path string) (uint32, bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, false
	}
	status, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return status.Uid, true
}
