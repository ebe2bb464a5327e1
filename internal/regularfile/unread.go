package regularfile

import (
	"errors"
	"io/fs"
	"syscall"
)

// Unread is the error of a file or a directory that cannot be looked at, in a person's words:
// its path, as the person has written it, and why. It wraps err, and is nil where that is.
func Unread(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return &unread{path, "there is no such file", err}
	case errors.Is(err, fs.ErrPermission):
		return &unread{path, "this user may not read it", err}
	}
	var cause *fs.PathError
	if errors.As(err, &cause) {
		return &unread{path, cause.Err.Error(), err}
	}
	return err
}

type unread struct {
	path, why string
	err       error
}

func (e *unread) Error() string { return e.path + ": " + e.why }
func (e *unread) Unwrap() error { return e.err }
