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
	maxKeptBytes = 2 * environment.MaxBytes // including what JSON adds
	maxKeptFiles = 64
	keptVersion  = 1
	suffix       = ".json"
)

// Store is a directory with the last good answers of sources: one file of mode 0600 for each source and request.
// It stores answers as the source gave them, so encrypted values stay encrypted. A file's modification time is
// when the source last confirmed it.
type Store struct{ directory string }

// Kept is the content of a file.
type Kept struct {
	Version       int // of the file's format
	Identity      string
	Request       environment.Request
	SourceVersion string
	Environment   environment.Environment
	Confirmed     time.Time `json:"-"`
}

// OpenStore creates the directory, but not its parent, if it does not exist. It rejects a directory that belongs
// to another user, or that others may enter.
func OpenStore(directory string) (*Store, error) {
	directory = filepath.Clean(directory) // with a trailing slash, a symbolic link would be followed
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

// checkPrivate rejects what belongs to another user, or what others may read or change.
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

// Load returns the stored answer of a source, or nil if there is none. It fails if a file cannot be used because
// of its owner, mode or format.
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
		return nil, fmt.Errorf("%s: found a file that is not a kept answer of this version", path) // not quoted: it contains secrets
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

// Save stores an answer.
func (s *Store) Save(kept Kept) error {
	kept.Version = keptVersion
	content, err := json.Marshal(kept)
	if err != nil {
		return errors.New("it is not JSON") // not quoted: it contains secrets
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

// Confirm records that a stored answer is still current. If that fails, the answer merely seems older than it
// is.
func (s *Store) Confirm(identity string, request environment.Request) {
	now := time.Now()
	_ = os.Chtimes(s.path(identity, request), now, now)
}

// trim removes the files that were confirmed longest ago if there are too many.
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
		_ = os.Remove(filepath.Join(s.directory, file.name)) // the next call tries again
	}
}
