package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// mountPoints returns the visible files and directories that would be hidden otherwise, and makes a
// file or directory in the container's own directories to mount each on.
func (s Spec) mountPoints() ([]string, error) {
	var hidden []string
	for _, path := range s.Visible {
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			continue // it does not exist
		}
		hidden = append(hidden, filepath.Clean(path), real)
	}
	slices.Sort(hidden)
	var visible []string
	for _, path := range slices.Compact(hidden) {
		place, ok := s.place(path)
		if !ok || slices.ContainsFunc(visible, func(above string) bool { _, ok := cutDirectory(above, path); return ok }) {
			continue
		}
		switch err := makePlace(path, place); {
		case errors.Is(err, fs.ErrExist):
		case err != nil:
			return nil, fmt.Errorf("failed to make %s visible: %w", path, err)
		default:
			visible = append(visible, path)
		}
	}
	return visible, nil
}

// place returns where in the container's own directories a hidden path belongs.
func (s Spec) place(path string) (string, bool) {
	for _, own := range []struct{ at, directory string }{{Home, s.Root}, {Tmp, s.Tmp}} {
		if rest, ok := cutDirectory(own.at, path); ok && own.directory != "" && rest != "." {
			return filepath.Join(own.directory, rest), true
		}
	}
	return "", false
}

// makePlace makes an empty file or directory as a mount point. The error is fs.ErrExist if the
// container already has something there.
func makePlace(path, place string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return err
	}
	if info.IsDir() {
		return os.Mkdir(place, 0o755)
	}
	file, err := os.OpenFile(place, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return file.Close()
}

// mount makes the mounts in this process's mount namespace. home and tmp say why one of these is
// missing; after err, no program may run in it.
func (s setUp) mount() (home, tmp, err error) {
	// No mount made here may propagate to the machine's own namespace: a process that
	// removes the container's directories there would remove what is mounted on them.
	if err := unix.Mount("", "/", "", unix.MS_SLAVE|unix.MS_REC, ""); err != nil {
		return nil, nil, err
	}
	if s.Sealed { // before all that is mounted below
		if err := setReadOnly("/", true); err != nil {
			return nil, nil, fmt.Errorf("failed to make the machine's files read-only: %w", err)
		}
	}
	// A source may be below a directory that is mounted over first.
	var sources []int
	for _, path := range append([]string{s.Root, s.Tmp}, s.Visible...) {
		source := -1
		if path != "" {
			if source, err = unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0); err != nil {
				return nil, nil, &fs.PathError{Op: "open", Path: path, Err: err}
			}
		}
		sources = append(sources, source)
	}
	if s.Root != "" {
		home = mountHome(sources[0])
	}
	tmp = bind(sources[1], Tmp)
	for i, path := range s.Visible {
		if err := bind(sources[i+2], path); err != nil {
			return home, tmp, &fs.PathError{Op: "mount", Path: path, Err: err}
		}
	}
	for _, source := range sources {
		_ = unix.Close(source)
	}
	// Programs that are run from here on have no more rights than the user who runs them.
	return home, tmp, unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
}

// bind mounts an opened file or directory on a path.
func bind(source int, path string) error {
	return unix.Mount(descriptorPath(source), path, "", unix.MS_BIND|unix.MS_REC, "")
}

func descriptorPath(descriptor int) string {
	return "/proc/self/fd/" + strconv.Itoa(descriptor)
}

// mountHome mounts a directory on Home. If the machine has no such directory, it creates none
// there: Home is then in a file system in memory, with the machine's other entries next to it.
func mountHome(root int) error {
	if info, err := os.Stat(Home); err == nil && info.IsDir() {
		return bind(root, Home)
	}
	parent := filepath.Dir(Home)
	old, err := unix.Open(parent, unix.O_PATH|unix.O_CLOEXEC|unix.O_DIRECTORY, 0)
	if err != nil {
		return &fs.PathError{Op: "open", Path: parent, Err: err}
	}
	defer unix.Close(old)
	entries, err := os.ReadDir(parent)
	if err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", parent, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"); err != nil {
		return err
	}
	for _, entry := range entries {
		if err = restore(entry, descriptorPath(old), parent); err != nil {
			break
		}
	}
	if err == nil {
		err = os.Mkdir(Home, 0o755)
	}
	if err == nil {
		err = bind(root, Home)
	}
	if err != nil {
		return errors.Join(err, unix.Unmount(parent, unix.MNT_DETACH))
	}
	return nil
}

// restore makes an entry of a directory visible in a new one.
func restore(entry fs.DirEntry, from, to string) error {
	from, to = filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())
	if entry.Type()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	}
	if entry.IsDir() {
		if err := os.Mkdir(to, 0o755); err != nil {
			return err
		}
	} else if err := os.WriteFile(to, nil, 0o644); err != nil {
		return err
	}
	err := unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, "")
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		return nil // it was not accessible before, or is gone
	}
	return err
}
