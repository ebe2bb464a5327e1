package configserver

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

const socketVariable = "CONFIG_SERVER_SOCKET"

// socketMode admits only this user: all of the container's processes run as the same one.
const socketMode = 0o600

// socketListener removes its socket when it closes, unless another has replaced it.
type socketListener struct {
	net.Listener
	path string
	made fs.FileInfo
}

// listenSocket listens on a Unix socket that only this user can connect to. It replaces a socket left over from
// an earlier run, but not one on which another process listens, and nothing else.
func listenSocket(path string) (net.Listener, error) {
	if err := checkUnused(path); err != nil {
		return nil, err
	}
	// In a private directory until its mode is right.
	private, err := os.MkdirTemp(filepath.Dir(path), ".")
	if err != nil {
		return nil, fmt.Errorf("failed to make the socket %q: %w", redact.Text(path), err)
	}
	defer os.RemoveAll(private) // empty by then
	made := filepath.Join(private, "s")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: made, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("failed to listen on the socket %q: its path may be too long, at most about 90 bytes: %w", redact.Text(path), err)
	}
	listener.SetUnlinkOnClose(false)
	info, err := publish(made, path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("failed to make the socket %q: %w", redact.Text(path), err), listener.Close())
	}
	return &socketListener{listener, path, info}, nil
}

func publish(made, path string) (fs.FileInfo, error) {
	if err := os.Chmod(made, socketMode); err != nil {
		return nil, err
	}
	info, err := os.Lstat(made)
	if err != nil {
		return nil, err
	}
	return info, os.Rename(made, path)
}

// checkUnused rejects anything but a socket left over from an earlier run.
func checkUnused(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("failed to make the socket of %s: %w", socketVariable, err)
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("%s is %q, which exists and is not a socket: set it to an unused path", socketVariable, redact.Text(path))
	}
	connection, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		_ = connection.Close()
		err = syscall.EADDRINUSE
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil // no process listens
	}
	return fmt.Errorf("the socket %q is in use: set %s to another path: %w", redact.Text(path), socketVariable, err)
}

// Addr returns the socket's path.
func (l *socketListener) Addr() net.Addr { return &net.UnixAddr{Name: l.path, Net: "unix"} }

// Close implements net.Listener.
func (l *socketListener) Close() error {
	if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.made) {
		_ = os.Remove(l.path)
	}
	return l.Listener.Close()
}
