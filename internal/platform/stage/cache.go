package stage

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/columns"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/files"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

const (
	// seenCache is the cache's path for buildpacks (buildpackapplifecycle, builder_config.go),
	// which may have made links to it.
	seenCache = "/tmp/cache/"
	// maxLeftOut is how many entries a message names, and maxNamed how much of each name it quotes,
	// in columns of a terminal.
	maxLeftOut, maxNamed = 5, 200
	// maxCacheEntries is more than any cache has. It bounds the memory and the inodes for an
	// archive with many tiny entries.
	maxCacheEntries = 1_000_000
	// maxPath is Linux's maximum length of a path, in bytes. A tar header may state one of a
	// megabyte.
	maxPath = 4096
)

// unpackCache unpacks the cache of an earlier staging, which may come from elsewhere, such as a
// cloned repository. It writes nothing outside the directory, and no link in it leads out, since
// buildpacks write and remove files there. It returns a sentence about entries that it has left
// out, or "".
func unpackCache(ctx context.Context, archive, directory string) (leftOut string, err error) {
	file, err := regularfile.Open(archive)
	if err != nil {
		return "", fmt.Errorf("failed to unpack the cache: %w", err)
	}
	defer file.Close() // it was only read
	root, err := os.OpenRoot(directory)
	if err != nil {
		return "", fmt.Errorf("failed to unpack the cache: %w", err)
	}
	defer root.Close()
	u := &cacheUnpacker{root: root, links: map[string]bool{}}
	if err := u.unpack(files.Stoppable(ctx, file)); err != nil {
		if stopped := context.Cause(ctx); stopped != nil {
			return "", stopped
		}
		return "", fmt.Errorf("failed to unpack %s: found something that cannot be unpacked (%w); expected a cache that staging has written: remove it, and the app is staged without one", archive, err)
	}
	return u.summary(), nil
}

type cacheUnpacker struct {
	root     *os.Root
	links    map[string]bool // symbolic links; nothing is unpacked through them
	size     uint64          // unpacked, in bytes
	entries  int             // read so far
	left     int             // how many were left out
	leftOut  []string        // the first ones left out
	finished []func() error  // to be called at the end, the last one first
}

func (u *cacheUnpacker) unpack(packed io.Reader) error {
	unzipped, err := gzip.NewReader(packed)
	if err != nil {
		return err
	}
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if u.entries++; u.entries > maxCacheEntries {
			return fmt.Errorf("found more than %d entries; expected fewer", maxCacheEntries)
		}
		if err := u.entry(header, archive); err != nil {
			return fmt.Errorf("entry %s: %w", shorten(header.Name), err)
		}
	}
	for i := range u.finished {
		if err := u.finished[len(u.finished)-1-i](); err != nil {
			return err
		}
	}
	return nil
}

// entry unpacks an entry, or leaves it out.
func (u *cacheUnpacker) entry(header *tar.Header, content io.Reader) error {
	name := path.Clean(header.Name)
	switch {
	case name == ".":
		return nil
	case len(name) > maxPath || len(header.Linkname) > maxPath:
		u.leave(header, "which has a path that is too long")
		return nil
	case !filepath.IsLocal(name) || u.isBehindLink(name):
		u.leave(header, "which is not in it")
		return nil
	}
	if err := u.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse:
		return u.file(name, header, content)
	case tar.TypeDir:
		return u.directory(name, header)
	case tar.TypeSymlink:
		return u.symlink(name, header)
	case tar.TypeLink:
		return u.hardlink(name, header)
	default:
		u.leave(header, "which is neither a file, a directory nor a link")
		return nil
	}
}

// isBehindLink reports whether a path leads through a link of the archive.
func (u *cacheUnpacker) isBehindLink(name string) bool {
	for at := name; at != "."; at = path.Dir(at) {
		if u.links[at] {
			return true
		}
	}
	return false
}

func (u *cacheUnpacker) file(name string, header *tar.Header, content io.Reader) error {
	if u.size += uint64(header.Size); u.size > maxBuildpackSize {
		return checkBuildpackSize(u.size)
	}
	file, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	if err := errors.Join(err, file.Chmod(fs.FileMode(header.Mode).Perm()), file.Close()); err != nil {
		return err
	}
	return u.root.Chtimes(name, header.ModTime, header.ModTime)
}

// directory sets a directory's mode and time only after its content is unpacked.
func (u *cacheUnpacker) directory(name string, header *tar.Header) error {
	u.finished = append(u.finished, func() error {
		return errors.Join(u.root.Chmod(name, fs.FileMode(header.Mode).Perm()), u.root.Chtimes(name, header.ModTime, header.ModTime))
	})
	return u.root.MkdirAll(name, 0o755)
}

// symlink creates a link that stays in the cache: its target first goes up from its directory, and
// then down. Since nothing is unpacked through links, neither part can lead out.
func (u *cacheUnpacker) symlink(name string, header *tar.Header) error {
	target := header.Linkname
	if rest, ok := strings.CutPrefix(target, seenCache); ok {
		target = strings.Repeat("../", strings.Count(name, "/")) + rest
	}
	depth, down, leaves := strings.Count(name, "/"), false, target == "" || path.IsAbs(target)
	for part := range strings.SplitSeq(target, "/") {
		switch {
		case part == "" || part == ".":
		case part != "..":
			down = true
		default:
			depth--
			leaves = leaves || down || depth < 0
		}
	}
	if leaves {
		u.leave(header, fmt.Sprintf("a link to %s, which leads out of it", shorten(header.Linkname)))
		return nil
	}
	u.links[name] = true
	return u.root.Symlink(target, name)
}

// hardlink creates a second name for a file of the archive.
func (u *cacheUnpacker) hardlink(name string, header *tar.Header) error {
	old := path.Clean(header.Linkname)
	if !filepath.IsLocal(old) || u.isBehindLink(old) {
		u.leave(header, fmt.Sprintf("a link to %s, which is not a file in it", shorten(header.Linkname)))
		return nil
	}
	return u.root.Link(old, name)
}

func (u *cacheUnpacker) leave(header *tar.Header, why string) {
	if u.left++; u.left <= maxLeftOut {
		u.leftOut = append(u.leftOut, fmt.Sprintf("%s, %s", shorten(header.Name), why))
	}
}

// shorten quotes the beginning of a name.
func shorten(name string) string {
	return strconv.Quote(columns.Truncate(name[:min(len(name), maxPath)], maxNamed))
}

func (u *cacheUnpacker) summary() string {
	named := strings.Join(u.leftOut, "; ")
	switch {
	case u.left == 0:
		return ""
	case u.left > len(u.leftOut):
		return fmt.Sprintf("Left out of the cache: %s; and %d more", named, u.left-len(u.leftOut))
	default:
		return "Left out of the cache: " + named
	}
}
