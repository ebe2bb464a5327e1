// Package regularfile opens and reads files that this program has not just made itself. Their paths
// may be anything: a named pipe, which would make its reader wait, a link to an endless device, or
// a file that fills the memory. The package refuses all of these at once, by name.
//
// It follows symbolic links; the same rules apply to their targets. The error for a missing file
// wraps fs.ErrNotExist.
//
// It also opens the directories in which this program writes and removes files. There, it does not
// follow links, since a directory may have been replaced by a link to another user's.
package regularfile

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// An Error says what was found instead of a regular file, and what was expected.
type Error struct {
	Path  string // as the caller named it
	Found string
	Want  string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: found %s; expected %s", e.Path, e.Found, e.Want)
}

// Open opens a regular file of any size for reading, and never waits for a writer.
func Open(path string) (*os.File, error) {
	return open(path, anySize, os.Stat, os.OpenFile)
}

// OpenIn is Open for a file below a directory; no link leads out of it.
func OpenIn(root *os.Root, name string) (*os.File, error) {
	return open(name, anySize, root.Stat, root.OpenFile)
}

// Read returns the content of a regular file of at most limit bytes.
func Read(path string, limit int64) ([]byte, error) {
	return readAndClose(path, limit, func() (*os.File, error) { return open(path, limit, os.Stat, os.OpenFile) })
}

// ReadText is Read for a text file that a user names on the command line: it removes the byte order
// mark of Windows editors. It reads a named pipe to its end, since a shell's <(command) is one.
func ReadText(path string, limit int64) ([]byte, error) {
	read := Read
	if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		read = readPipe
	}
	content, err := read(path, limit)
	return bytes.TrimPrefix(content, []byte("\ufeff")), err
}

// readPipe reads a named pipe, and waits for its writer.
func readPipe(path string, limit int64) ([]byte, error) {
	return readAndClose(path, limit, func() (*os.File, error) { return os.Open(path) })
}

// ReadIn is Read for a file below a directory; no link leads out of it.
func ReadIn(root *os.Root, name string, limit int64) ([]byte, error) {
	return readAndClose(name, limit, func() (*os.File, error) { return open(name, limit, root.Stat, root.OpenFile) })
}

// ReadFS is Read for a file of a file system, such as an archive or FS.
func ReadFS(files fs.FS, name string, limit int64) ([]byte, error) {
	return readAndClose(name, limit, func() (fs.File, error) {
		info, err := fs.Stat(files, name)
		if err != nil {
			return nil, Unread(name, err)
		}
		if err := check(name, info, limit); err != nil {
			return nil, err
		}
		return files.Open(name)
	})
}

const (
	anySize = -1
	// openFlags prevent waiting if something else has replaced the file since it was checked: a
	// named pipe without a writer, or a terminal.
	openFlags = os.O_RDONLY | syscall.O_NONBLOCK | syscall.O_NOCTTY
)

// open checks the type first, since opening a device can have effects, and again for the opened
// file.
func open(
	path string, limit int64,
	stat func(string) (fs.FileInfo, error), openFile func(string, int, fs.FileMode) (*os.File, error),
) (*os.File, error) {
	info, err := stat(path)
	if err != nil {
		return nil, Unread(path, err)
	}
	if err := check(path, info, limit); err != nil {
		return nil, err
	}
	file, err := openFile(path, openFlags, 0)
	if err != nil {
		return nil, Unread(path, err)
	}
	info, err = file.Stat()
	if err == nil {
		err = check(path, info, limit)
	}
	if err != nil {
		_ = file.Close() // nothing was written
		return nil, err
	}
	return file, nil
}

func readAndClose[F fs.File](path string, limit int64, open func() (F, error)) ([]byte, error) {
	file, err := open()
	if err != nil {
		return nil, err
	}
	defer file.Close() // it was only read
	// The stated size may be wrong: files in /proc have none.
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > limit {
		return nil, &Error{path, "more than " + size(limit), want(limit)}
	}
	return content, nil
}

func check(path string, info fs.FileInfo, limit int64) error {
	switch {
	case !info.Mode().IsRegular():
		return &Error{path, kind(info.Mode()), want(limit)}
	case limit >= 0 && info.Size() > limit:
		return &Error{path, size(info.Size()), want(limit)}
	default:
		return nil
	}
}

func want(limit int64) string {
	if limit < 0 {
		return "a regular file"
	}
	return "a regular file of at most " + size(limit)
}

// kind describes a type of file.
func kind(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "a regular file"
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	default:
		return "something of an unknown kind"
	}
}

// size prints a whole number of mebibytes or kibibytes, as the platform does.
func size(bytes int64) string {
	switch {
	case bytes > 0 && bytes%(1<<20) == 0:
		return fmt.Sprintf("%d MB", bytes>>20)
	case bytes > 0 && bytes%(1<<10) == 0:
		return fmt.Sprintf("%d KB", bytes>>10)
	default:
		return fmt.Sprintf("%d bytes", bytes)
	}
}
