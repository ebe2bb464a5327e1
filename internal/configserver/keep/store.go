package keep

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

const (
	storeMode    = 0o700
	keptMode     = 0o600
	maxKeptBytes = 2 * environment.MaxBytes // with what JSON adds
	maxKeptFiles = 64
	keptVersion  = 1
	suffix       = ".json"
)

// A Store is a directory with the last good answers of sources: one file, of mode 0600, for each
// source and request, as the source gave it, and so with what is encrypted still encrypted.
// When a file was changed last is when the source has confirmed it last.
type Store struct{ directory string }

// Kept is what a file has.
type Kept struct {
	Version       int // of the file's form
	Identity      string
	Request       environment.Request
	SourceVersion string
	Environment   environment.Environment
	Confirmed     time.Time `json:"-"`
}

// OpenStore makes the directory, but not its parent, if it is not there. It refuses one that is not this user's own, or that
// others may enter.
func OpenStore(directory string) (*Store, error) {
	directory = filepath.Clean(directory) // with a slash at its end, a link would be followed
	if err := os.Mkdir(directory, storeMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	info, err := os.Lstat(directory)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: found something other than a directory; expected one that this user owns", directory)
	}
	if err := checkPrivate(directory, info); err != nil {
		return nil, err
	}
	return &Store{directory}, nil
}

// checkPrivate refuses what is another user's, or what others may read or change.
func checkPrivate(path string, info fs.FileInfo) error {
	status, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok:
		return fmt.Errorf("%s: its owner is not known", path)
	case int(status.Uid) != os.Geteuid():
		return fmt.Errorf("%s: found the user %d as its owner; expected %d", path, status.Uid, os.Geteuid())
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%s: found the mode %04o; expected one that lets no others in, such as %04o", path, info.Mode().Perm(), info.Mode().Perm()&^0o077)
	case info.Mode().IsRegular() && status.Nlink != 1:
		return fmt.Errorf("%s: found a file with %d hard links; expected one", path, status.Nlink)
	default:
		return nil
	}
}

func (s *Store) path(identity string, request environment.Request) string {
	sum := sha256.Sum256([]byte(identity + "\x00" + key(request)))
	return filepath.Join(s.directory, hex.EncodeToString(sum[:16])+suffix)
}

// Load is the kept answer of a source, or nil if there is none. The error is that of a file that
// is not used: of another owner, mode or form.
func (s *Store) Load(identity string, request environment.Request) (*Kept, error) {
	path := s.path(identity, request)
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close() // it was only read
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: found something other than a regular file", path)
	}
	if err := checkPrivate(path, info); err != nil {
		return nil, err
	}
	kept, err := decode(file)
	if err != nil || kept.Version != keptVersion || kept.Identity != identity || key(kept.Request) != key(request) {
		return nil, fmt.Errorf("%s: found a file that is not a kept answer of this version", path) // not quoted: it has secrets
	}
	kept.Confirmed = info.ModTime()
	return kept, nil
}

func decode(file io.Reader) (*Kept, error) {
	decoder := json.NewDecoder(io.LimitReader(file, maxKeptBytes))
	decoder.UseNumber()
	var kept Kept
	if err := decoder.Decode(&kept); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more")
	}
	return &kept, nil
}

// Save keeps an answer.
func (s *Store) Save(kept Kept) error {
	kept.Version = keptVersion
	content, err := json.Marshal(kept)
	if err != nil {
		return errors.New("it is not JSON") // not quoted: it has secrets
	}
	if len(content) > maxKeptBytes {
		return fmt.Errorf("it is larger than %d MB", maxKeptBytes>>20)
	}
	path := s.path(kept.Identity, kept.Request)
	if err := atomicfile.Write(path, content, keptMode); err != nil {
		return err
	}
	s.trim()
	return nil
}

// Confirm notes that a kept answer is still current. If it cannot, the answer seems older than it is.
func (s *Store) Confirm(identity string, request environment.Request) {
	now := time.Now()
	_ = os.Chtimes(s.path(identity, request), now, now)
}

// trim removes the files that were confirmed longest ago where there are too many.
func (s *Store) trim() {
	entries, err := os.ReadDir(s.directory)
	if err != nil || len(entries) <= maxKeptFiles {
		return
	}
	type aged struct {
		name     string
		modified time.Time
	}
	var files []aged
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() && strings.HasSuffix(entry.Name(), suffix) {
			files = append(files, aged{entry.Name(), info.ModTime()})
		}
	}
	slices.SortFunc(files, func(a, b aged) int { return cmp.Compare(b.modified.UnixNano(), a.modified.UnixNano()) })
	for _, file := range files[min(len(files), maxKeptFiles):] {
		_ = os.Remove(filepath.Join(s.directory, file.name)) // the next one tries again
	}
}
