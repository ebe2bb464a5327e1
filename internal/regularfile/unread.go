package regularfile

import (
	"errors"
	"io/fs"
	"syscall"
)

// Unread returns an error for users about a file or directory that cannot be read: its path, as the
// user wrote it, and the reason. It wraps err, and is nil if err is nil.
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
