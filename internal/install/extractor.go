package install

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

const (
	// maxPathLength is Linux's limit, in bytes.
	maxPathLength = 4096
	// maxDepth keeps a later removal of the tree from opening too many directories at a time.
	maxDepth = 256
)

// An extractor unpacks an archive into a directory. It never writes outside of it: it rejects names
// that lead out, and also writes through an os.Root.
type extractor struct {
	root   *os.Root
	strip  int
	limits Limits

	entries int
	bytes   int64           // including those already unpacked before
	links   map[string]bool // symbolic links, through which nothing may be written
	made    string          // the most recently made directory
	buffer  []byte
}

// newExtractor makes the directory. unpacked is how much of the limit is already used, in bytes.
func newExtractor(directory string, strip int, limits Limits, unpacked int64) (*extractor, error) {
	if err := os.Mkdir(directory, 0o755); err != nil {
		return nil, fmt.Errorf("failed to make a directory: %w", err)
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, fmt.Errorf("failed to open a directory: %w", err)
	}
	return &extractor{root: root, strip: strip, limits: limits, bytes: unpacked, links: map[string]bool{}, buffer: make([]byte, 256<<10)}, nil
}

func (t *extractor) Close() error { return t.root.Close() }

// count rejects the first entry beyond the limit.
func (t *extractor) count(entry string) error {
	if t.entries++; t.entries > t.limits.Entries {
		return &EntryError{entry, fmt.Sprintf("more than %d entries", t.limits.Entries), "fewer"}
	}
	return nil
}

// destination returns the path for an entry, or nothing if it is stripped.
func (t *extractor) destination(entry string) (string, error) {
	const want = "a path below the archive's root"
	if strings.HasPrefix(entry, "/") {
		return "", &EntryError{entry, "an absolute path", want}
	}
	if strings.ContainsRune(entry, 0) {
		return "", &EntryError{entry, "a name with a NUL byte", want}
	}
	if len(entry) > maxPathLength || strings.Count(entry, "/") > maxDepth {
		return "", &EntryError{entry, "a path that is too long or too deep", fmt.Sprintf("at most %d bytes and %d directories", maxPathLength, maxDepth)}
	}
	var parts []string
	for part := range strings.SplitSeq(entry, "/") {
		switch part {
		case "", ".":
		case "..":
			return "", &EntryError{entry, "a path that leads out of the archive", want}
		default:
			parts = append(parts, part)
		}
	}
	if len(parts) <= t.strip {
		return "", nil
	}
	return path.Join(parts[t.strip:]...), nil
}

// prepare rejects a path that leads through a symbolic link, and makes the parent directory.
func (t *extractor) prepare(entry, fullPath string) error {
	if len(t.links) > 0 {
		for at := path.Dir(fullPath); at != "."; at = path.Dir(at) {
			if t.links[at] {
				return &EntryError{entry, fmt.Sprintf("a path through the symbolic link %q", clip(at)), "a path of directories"}
			}
		}
	}
	if path.Dir(fullPath) == t.made {
		return nil
	}
	if err := t.root.MkdirAll(path.Dir(fullPath), 0o755); err != nil {
		return t.entryError(entry, err)
	}
	t.made = path.Dir(fullPath)
	return nil
}

// entryError turns err into an error of the entry, without the path of the tree, which is
// temporary.
func (t *extractor) entryError(entry string, err error) error {
	var at *fs.PathError
	var link *os.LinkError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &at):
		err = at.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("entry %q of the archive: %w", clip(entry), err)
}

func (t *extractor) directory(entry string) error {
	fullPath, err := t.destination(entry)
	if err != nil || fullPath == "" {
		return err
	}
	if err := t.prepare(entry, fullPath); err != nil {
		return err
	}
	return t.entryError(entry, t.replacing(fullPath, func() error {
		if t.links[fullPath] {
			return fs.ErrExist // even if it leads to a directory
		}
		return t.root.MkdirAll(fullPath, 0o755)
	}))
}

// replacing makes an entry. If several have the same name, the last one wins, as in GNU tar: files,
// links and empty directories are replaced. A hard link to a replaced file remains.
func (t *extractor) replacing(fullPath string, create func() error) error {
	err := create()
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if t.root.Remove(fullPath) != nil {
		return err
	}
	delete(t.links, fullPath)
	t.made = ""
	return create()
}

// file writes a regular file. Users other than the owner may at most read and execute it.
func (t *extractor) file(entry string, mode fs.FileMode, content io.Reader) (err error) {
	if mode&(fs.ModeSetuid|fs.ModeSetgid) != 0 {
		return &EntryError{entry, "a setuid or setgid program", "one that runs as who starts it"}
	}
	fullPath, err := t.destination(entry)
	if err != nil || fullPath == "" {
		return err
	}
	if err := t.prepare(entry, fullPath); err != nil {
		return err
	}
	var file *os.File
	err = t.replacing(fullPath, func() (err error) {
		file, err = t.root.OpenFile(fullPath, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		return err
	})
	if err != nil {
		return t.entryError(entry, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := t.write(entry, file, content); err != nil {
		return err
	}
	return t.entryError(entry, file.Chmod(mode.Perm()&0o755|0o400))
}

// write copies no more than may be unpacked.
func (t *extractor) write(entry string, file *os.File, content io.Reader) error {
	left := t.limits.Bytes - t.bytes
	// Hide all methods but Write: the file would otherwise use a small buffer of its own.
	n, err := io.CopyBuffer(struct{ io.Writer }{file}, io.LimitReader(content, left+1), t.buffer)
	t.bytes += n
	if t.bytes > t.limits.Bytes {
		return &EntryError{entry, fmt.Sprintf("more than %d MB to unpack", t.limits.Bytes>>20), "less, for all sidecars together: it has to fit into a staging container"}
	}
	return t.entryError(entry, err)
}

// symlink makes a symbolic link that stays in the tree: its target first leads up from the link's
// directory, and then down. Since no entry is below a link, neither part can lead out.
func (t *extractor) symlink(entry, target string) error {
	fullPath, err := t.destination(entry)
	if err != nil || fullPath == "" {
		return err
	}
	leaves := &EntryError{entry, fmt.Sprintf("a symbolic link to %q", clip(target)), "one that stays in the archive"}
	if target == "" || strings.HasPrefix(target, "/") || strings.ContainsRune(target, 0) {
		return leaves
	}
	depth, down := strings.Count(fullPath, "/"), false
	for part := range strings.SplitSeq(target, "/") {
		switch {
		case part == "" || part == ".":
		case part != "..":
			down = true
		case down || depth == 0:
			return leaves
		default:
			depth--
		}
	}
	if err := t.prepare(entry, fullPath); err != nil {
		return err
	}
	if err := t.replacing(fullPath, func() error { return t.root.Symlink(target, fullPath) }); err != nil {
		return t.entryError(entry, err)
	}
	t.links[fullPath] = true
	return nil
}

// hardlink makes a second name of a file in the archive. It handles another link like a symbolic
// one.
func (t *extractor) hardlink(entry, target string) error {
	fullPath, err := t.destination(entry)
	if err != nil || fullPath == "" {
		return err
	}
	old, err := t.destination(target)
	if err != nil {
		return &EntryError{entry, fmt.Sprintf("a hard link to %q", clip(target)), "one to a file of the archive"}
	}
	if t.links[old] {
		leadsTo, err := t.root.Readlink(old)
		if err != nil {
			return t.entryError(entry, err)
		}
		return t.symlink(entry, leadsTo)
	}
	if err := t.prepare(entry, fullPath); err != nil {
		return err
	}
	if info, err := t.root.Lstat(old); old == "" || err != nil || !info.Mode().IsRegular() {
		return &EntryError{entry, fmt.Sprintf("a hard link to %q", clip(target)), "one to a file that the archive has brought before"}
	}
	if old == fullPath {
		return nil
	}
	return t.entryError(entry, t.replacing(fullPath, func() error { return t.root.Link(old, fullPath) }))
}

// kind names the type of an entry that an extractor rejects.
func kind(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	default:
		return "something of an unknown kind"
	}
}
