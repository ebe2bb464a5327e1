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
	// seenCache is where buildpacks see the cache (buildpackapplifecycle,
	// builder_config.go), so that they may have made links to it.
	seenCache = "/tmp/cache/"
	// maxLeftOut is the most entries that a message names, and maxNamed the most that it
	// quotes of each name, in columns of a terminal.
	maxLeftOut, maxNamed = 5, 200
	// maxCacheEntries is more than any cache has, and keeps what an archive of little else
	// than names takes of memory and of the file system to a bound.
	maxCacheEntries = 1_000_000
	// maxPath is the longest path that Linux takes, in bytes. A tar header may state one of
	// a megabyte.
	maxPath = 4096
)

// unpackCache unpacks the cache of an earlier staging, which need not be one of this
// machine: a repository may bring it. Nothing is written outside of the directory, and
// no link in it leads out of it, since the buildpacks write to and remove from what
// they find. It returns a sentence on what has been left out, or nothing.
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
		return "", fmt.Errorf("failed to unpack %s: found what cannot be unpacked (%w); expected a cache as staging leaves it: remove it, and the app is staged without", archive, err)
	}
	return u.summary(), nil
}

type cacheUnpacker struct {
	root     *os.Root
	links    map[string]bool // symbolic links, which nothing is unpacked through
	size     uint64          // unpacked, in bytes
	entries  int             // that have been read
	left     int             // how many of them are left out
	leftOut  []string        // the first of these
	finished []func() error  // once all is there, the last of them first
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

// entry unpacks one, or leaves it out.
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

// isBehindLink tells of a path through a link of the archive.
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

// directory gives it its mode and time only once all is in it.
func (u *cacheUnpacker) directory(name string, header *tar.Header) error {
	u.finished = append(u.finished, func() error {
		return errors.Join(u.root.Chmod(name, fs.FileMode(header.Mode).Perm()), u.root.Chtimes(name, header.ModTime, header.ModTime))
	})
	return u.root.MkdirAll(name, 0o755)
}

// symlink makes one that stays in the cache: up from its directory at first, and down
// from there. Since nothing is behind a link, neither way can lead out.
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

// hardlink makes a second name of a file that the archive has brought.
func (u *cacheUnpacker) hardlink(name string, header *tar.Header) error {
	old := path.Clean(header.Linkname)
	if !filepath.IsLocal(old) || u.isBehindLink(old) {
		u.leave(header, fmt.Sprintf("a link to %s, which is no file in it", shorten(header.Linkname)))
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
