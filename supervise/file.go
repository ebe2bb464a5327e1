package supervise

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// The most bytes that are read of each file, far more than any has. Whatever is in
// the app's container can write to them.
const (
	maxSpecs    = 64 << 20 // with the values of environments
	maxState    = 1 << 20
	maxMainFile = 64 << 10
	maxPorts    = 4 << 10
)

// readFile is regularfile.Read without what the package os sets up for files that can
// be waited for: it would be half of what it takes to start.
func readFile(path string, limit int64) ([]byte, error) {
	var about syscall.Stat_t
	if err := syscall.Stat(path, &about); err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	if about.Mode&syscall.S_IFMT != syscall.S_IFREG || about.Size > limit {
		return regularfile.Read(path, limit) // it finds the words, or that this has changed
	}
	// Where something else has come into its place, opening does not wait for it.
	descriptor, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer syscall.Close(descriptor) // it was only read
	content := make([]byte, 0, about.Size+1)
	for {
		if len(content) == cap(content) {
			content = append(content, 0)[:len(content)]
		}
		n, err := syscall.Read(descriptor, content[len(content):cap(content)])
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return nil, &fs.PathError{Op: "read", Path: path, Err: err}
		case n == 0:
			return content, nil
		default:
			content = content[:len(content)+n]
		}
		if int64(len(content)) > limit {
			return regularfile.Read(path, limit)
		}
	}
}

// makeRunDirectory makes the directory at a path, and refuses whatever else is in its
// place: by a link, a droplet or a neighbour would choose where is written.
func makeRunDirectory(path string) error {
	err := regularfile.CheckDirectory(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	return regularfile.CheckDirectory(path)
}
