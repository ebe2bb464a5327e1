package supervise

import (
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

const (
	// quiet is how long no event may come before files are read: a certificate and its key are
	// replaced one after the other (CF-43). After longestUnrest, they are read anyway.
	quiet         = 250 * time.Millisecond
	longestUnrest = 5 * time.Second
	// pollInterval is how often files are checked whose changes the kernel does not report.
	pollInterval = 10 * time.Second
	// maxContent is how many bytes of a file are compared; a larger file is compared by size and
	// time.
	maxContent = 1 << 20
	// maxFiles limits the number of files checked in all, and maxDepth how deep below a watched
	// directory they may be. Bindings are two levels deep.
	maxFiles = 1000
	maxDepth = 4
	maxLinks = 40 // the kernel's limit, path_resolution(7)
)

// A fileWatch reports which files have changed, by their content: it does not matter how that was
// written. A file that is replaced, by a rename or because a link on the way to it was, has
// changed, and so has one that appears. It is used by one goroutine at a time.
type fileWatch struct {
	names []string // as the user wrote them
	paths [][]string
	// found is the state of each at the last look, empty before the first one.
	found    []string
	notifier *notifier
	files    int // checked during the current look
	say      func(format string, args ...any)
	said     map[string]bool
}

func newFileWatch(names []string, say func(format string, args ...any)) *fileWatch {
	w := &fileWatch{names: names, paths: make([][]string, len(names)), found: make([]string, len(names)), say: say, said: map[string]bool{}}
	w.notifier = newNotifier()
	return w
}

// aim resolves the names in an environment and a directory. A file whose path changes that way
// counts as not yet looked at.
func (w *fileWatch) aim(environ environment, directory string) {
	for i, name := range w.names {
		var paths []string
		if name == supervision.ReloadBindings {
			paths = bindingPaths(environ)
		} else if path := env.Expand(environ, name); path != "" {
			if !filepath.IsAbs(path) {
				path = filepath.Join(directory, path)
			}
			paths = []string{path}
		}
		for j := range paths {
			if absolute, err := filepath.Abs(paths[j]); err == nil {
				paths[j] = absolute
			}
		}
		if !slices.Equal(paths, w.paths[i]) {
			w.paths[i], w.found[i] = paths, ""
		}
	}
}

// sayEmpty logs names that match no file. For bindings that is usual: with VCAP_SERVICES, nothing
// changes while a process runs.
func (w *fileWatch) sayEmpty() {
	for i, name := range w.names {
		if len(w.paths[i]) == 0 && name != supervision.ReloadBindings {
			w.say("does not reload for %s: it is empty", redact.Text(name))
		}
	}
}

// bindingPaths returns the files of bound services, in the forms that have files (CF-41).
func bindingPaths(environ environment) (paths []string) {
	for _, name := range []string{"VCAP_SERVICES_FILE_PATH", "SERVICE_BINDING_ROOT"} {
		if path := environ.lookup(name); path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

// look returns which of the names have changed since the last look. From then on, the kernel
// reports changes, if it can.
func (w *fileWatch) look() (changed []string) {
	w.files = 0
	w.notifier.renew()
	defer w.notifier.renewed()
	for i := range w.names {
		sum := fnv.New128a()
		for _, path := range w.paths[i] {
			w.visit(sum, path, 0)
		}
		found := string(sum.Sum(nil))
		if w.found[i] != "" && w.found[i] != found {
			changed = append(changed, redact.Text(w.names[i]))
		}
		w.found[i] = found
	}
	if w.files > maxFiles {
		w.sayOnce("watches %d files, and no more", maxFiles)
	}
	if err := w.notifier.blind; err != nil {
		w.sayOnce("looks at its files every %s, since the kernel does not tell of changes (%s)", pollInterval, err)
	}
	return changed
}

func (w *fileWatch) sayOnce(format string, args ...any) {
	if !w.said[format] {
		w.said[format] = true
		w.say(format, args...)
	}
}

// visit adds the files at a path to a checksum. A directory without files counts as nothing, as if
// it did not exist.
func (w *fileWatch) visit(sum hash.Hash, path string, depth int) {
	if w.files++; w.files > maxFiles {
		return
	}
	resolved, info, err := w.resolve(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		fmt.Fprintf(sum, "%q:%s\n", path, err)
	case info.IsDir():
		w.visitDirectory(sum, resolved, depth)
	case info.Mode().IsRegular() && info.Size() <= maxContent:
		fmt.Fprintf(sum, "%q:", path)
		w.addContent(sum, resolved)
	default:
		fmt.Fprintf(sum, "%q:%s %d %d\n", path, info.Mode(), info.Size(), info.ModTime().UnixNano())
	}
}

func (w *fileWatch) visitDirectory(sum hash.Hash, path string, depth int) {
	w.notifier.watchEntries(path)
	entries, err := os.ReadDir(path)
	if err != nil {
		fmt.Fprintf(sum, "%q:%s\n", path, err)
	}
	for _, entry := range entries {
		// Kubernetes keeps the versions of a volume under names that begin with two dots; links
		// without the dots point to them.
		if depth < maxDepth && !strings.HasPrefix(entry.Name(), "..") {
			w.visit(sum, filepath.Join(path, entry.Name()), depth+1)
		}
	}
}

// addContent adds a file's content. A write during that time is reported as a later event.
func (w *fileWatch) addContent(sum hash.Hash, path string) {
	file, err := regularfile.Open(path)
	if err == nil {
		var size int64
		size, err = io.Copy(sum, io.LimitReader(file, maxContent))
		fmt.Fprintf(sum, " %d\n", size)
		_ = file.Close() // it was only read
	}
	if err != nil {
		fmt.Fprintf(sum, "%s\n", err)
	}
}

// resolve follows all links of a path, as the kernel does (path_resolution(7)), and returns the
// final path and what is there. It watches that, and each directory and link on the way.
func (w *fileWatch) resolve(path string) (at string, info fs.FileInfo, err error) {
	at, rest, links := "/", strings.Split(path, "/"), 0
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			at, info = filepath.Dir(at), nil
			continue
		}
		next := filepath.Join(at, name)
		if info, err = w.notifier.hold(next); err != nil {
			return "", nil, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		target, err := os.Readlink(next)
		if links++; links > maxLinks {
			err = syscall.ELOOP
		}
		if err != nil {
			return "", nil, err
		}
		if strings.HasPrefix(target, "/") {
			at = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	if info == nil {
		info, err = os.Lstat(at)
	}
	return at, info, err
}

// await returns once something may have changed and no more events arrive, with the time of the
// first event; it never returns if nothing changes.
func (w *fileWatch) await() (told time.Time) {
	w.notifier.next(w.patience())
	told = time.Now()
	for time.Since(told) < longestUnrest && w.notifier.next(quiet) {
	}
	return told
}

// patience returns how long await may sleep: forever, unless the kernel does not report every
// change.
func (w *fileWatch) patience() time.Duration {
	if w.notifier.blind != nil {
		return pollInterval
	}
	return 0
}
