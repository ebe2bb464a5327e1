package platform

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/paketo-buildpacks/packit/v2/vacation"
	ignore "github.com/sabhiram/go-gitignore"
)

// StateDirectory is where the command line tool leaves droplets. It is never
// part of an app.
const StateDirectory = ".sidecar"

// neverPushed are the files that the cf CLI leaves out of every push.
var neverPushed = []string{
	".cfignore", ".DS_Store", ".git", ".gitignore", ".hg", ".svn", "_darcs",
	"manifest.yaml", "manifest.yml", StateDirectory,
}

// archiveFileMode is what the cf CLI makes of every file in an archive, so that
// a program in a jar can be run.
const archiveFileMode = 0o744

// copyApp puts an app's files into a directory, as a push would: a directory
// less what its .cfignore names, or an archive unpacked.
func copyApp(path, destination string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("failed to find the app: %w", err)
	}
	if info.IsDir() {
		return copyDirectory(path, destination)
	}
	return unpackApp(path, destination)
}

func unpackApp(path, destination string) error {
	if err := unzip(path, destination); err != nil {
		return fmt.Errorf("failed to unpack the app %s: %w", path, err)
	}
	return filepath.WalkDir(destination, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		return os.Chmod(path, archiveFileMode)
	})
}

// unzip unpacks a zip archive, which it first makes sure that it is.
func unzip(path, destination string) (err error) {
	archive, err := os.Open(path)
	if err != nil {
		return err
	}
	defer archive.Close()
	magic := make([]byte, 4)
	if _, err := io.ReadFull(archive, magic); err != nil || !bytes.HasPrefix(magic, []byte("PK")) {
		return errors.New("it is neither a directory nor a zip archive")
	}
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return vacation.NewZipArchive(archive).Decompress(destination)
}

func copyDirectory(source, destination string) error {
	source, err := filepath.EvalSymlinks(source)
	if err != nil {
		return fmt.Errorf("failed to find the app: %w", err)
	}
	ignored, err := ignoredFiles(source)
	if err != nil {
		return err
	}
	copied := 0
	err = filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == source {
			return err
		}
		if path == destination || strings.HasPrefix(destination, path+string(filepath.Separator)) {
			return fs.SkipDir // the place that it is copied to is in the app
		}
		relative, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		if ignored.MatchesPath(filepath.ToSlash(relative)) {
			if entry.IsDir() && slices.Contains(neverPushed, entry.Name()) {
				return fs.SkipDir
			}
			return nil // what is below may be named again by a later line
		}
		copied++
		return copyEntry(path, filepath.Join(destination, relative), entry)
	})
	if err != nil {
		return fmt.Errorf("failed to copy the app: %w", err)
	}
	if copied == 0 {
		return fmt.Errorf("no app files found in '%s'", source)
	}
	return nil
}

func ignoredFiles(directory string) (*ignore.GitIgnore, error) {
	content, err := os.ReadFile(filepath.Join(directory, ".cfignore"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("failed to read .cfignore: %w", err)
	}
	return ignore.CompileIgnoreLines(append(neverPushed, strings.Split(string(content), "\n")...)...), nil
}

func copyEntry(source, destination string, entry fs.DirEntry) error {
	switch {
	case entry.IsDir():
		return os.MkdirAll(destination, 0o755)
	case entry.Type()&fs.ModeSymlink != 0:
		target, err := os.Readlink(source)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(destination), 0o755); err != nil {
			return err
		}
		return os.Symlink(target, destination)
	case entry.Type().IsRegular():
		if err := os.MkdirAll(filepath.Dir(destination), 0o755); err != nil {
			return err
		}
		return copyFile(source, destination)
	default:
		return fmt.Errorf("%s is neither a file, a directory nor a symbolic link; a push takes no other", source)
	}
}

func copyFile(source, destination string) error {
	from, err := os.Open(source)
	if err != nil {
		return err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	to, err := os.OpenFile(destination, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// makeWritable gives the owner all rights to the directories below one.
func makeWritable(directory string) error {
	return filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return err
	})
}
