package push

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	ignore "github.com/sabhiram/go-gitignore"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/files"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/teamservices"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// StateDirectory is where sidecar writes droplets. It is never part of an app.
const StateDirectory = ".sidecar"

// neverUploaded are the files that the cf CLI excludes from every push.
var neverUploaded = []string{".cfignore", ".DS_Store", ".git", ".gitignore", ".hg", ".svn", "_darcs", "manifest.yaml", "manifest.yml"}

// neverPushed are those, and the files of this tool.
var neverPushed = append(slices.Clone(neverUploaded),
	StateDirectory,
	teamservices.FileName, // it has secrets
)

// archiveFileMode is the mode that the cf CLI gives to every file of an archive, so that a program
// in a jar can run.
const archiveFileMode = 0o744

// CopyApp copies an app's files into a directory of a workspace, as a push would: a directory
// without what its .cfignore excludes, or an unpacked archive. It leaves out the workspace itself
// and the excepted files and directories, by whichever path they are reached. It stops when the
// context ends.
func CopyApp(ctx context.Context, path, destination string, except ...string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("failed to find the app: %w", regularfile.Unread(path, err))
	}
	if info.IsDir() {
		err = copyDirectory(ctx, path, destination, append(except, filepath.Dir(destination)))
	} else {
		err = unpackApp(ctx, path, destination)
	}
	if err != nil {
		return err
	}
	return checkProcfile(destination)
}

// maxProcfileSize is far more than the commands of any app need, in bytes.
const maxProcfileSize = 1 << 20

// checkProcfile refuses a Procfile that the builder would read forever, such as a link to a device.
func checkProcfile(app string) error {
	_, err := regularfile.Read(filepath.Join(app, launch.Procfile), maxProcfileSize)
	var other *regularfile.Error
	if errors.As(err, &other) {
		other.Path = launch.Procfile // the user's path, not that of the copy
		return fmt.Errorf("failed to read the app's Procfile: %w", other)
	}
	return nil // the builder reports other errors
}

func unpackApp(ctx context.Context, path, destination string) error {
	archive, err := files.OpenZip(path)
	if err != nil {
		return fmt.Errorf("failed to unpack the app %s: %w", path, err)
	}
	defer archive.Close()
	ignored, err := ignoredFiles(archive)
	if err != nil {
		return err
	}
	if err := checkPackageSize(files.UnpackedSize(archive, ignored.MatchesPath)); err != nil {
		return fmt.Errorf("failed to unpack the app %s: %w", path, err)
	}
	if err := files.Unzip(ctx, archive, destination, ignored.MatchesPath); err != nil {
		return fmt.Errorf("failed to unpack the app %s: %w", path, err)
	}
	return filepath.WalkDir(destination, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		return os.Chmod(path, archiveFileMode)
	})
}

func copyDirectory(ctx context.Context, source, destination string, except []string) error {
	source, err := filepath.EvalSymlinks(source)
	if err != nil {
		return fmt.Errorf("failed to find the app: %w", err)
	}
	ignored, err := ignoredFiles(os.DirFS(source))
	if err != nil {
		return err
	}
	excepted := files.Existing(except)
	copied, size := 0, uint64(0)
	err = filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err := errors.Join(err, context.Cause(ctx)); err != nil || path == source {
			return err
		}
		if files.IsOneOf(entry, excepted) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		relative, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		if ignored.MatchesPath(filepath.ToSlash(relative)) {
			if entry.IsDir() && slices.Contains(neverPushed, entry.Name()) {
				return fs.SkipDir
			}
			return nil // a later line may include files below it
		}
		copied++
		if size, err = addSize(size, entry); err != nil {
			return err
		}
		return files.CopyEntry(ctx, path, filepath.Join(destination, relative), entry)
	})
	if err != nil {
		return fmt.Errorf("failed to copy the app: %w", err)
	}
	if copied == 0 {
		return noAppFiles(source)
	}
	return nil
}

// addSize adds a file's size, and refuses the file that makes the app too large.
func addSize(size uint64, entry fs.DirEntry) (uint64, error) {
	if !entry.Type().IsRegular() {
		return size, nil
	}
	info, err := entry.Info()
	if err != nil {
		return size, err
	}
	size += uint64(info.Size())
	return size, checkPackageSize(size)
}

// maxIgnoreSize is the maximum size of a .cfignore, in bytes.
const maxIgnoreSize = 1 << 20

// ignoredFiles matches the files that the app's .cfignore excludes, and those that are never
// pushed, even if it includes them.
func ignoredFiles(app fs.FS) (*ignore.GitIgnore, error) {
	content, err := regularfile.ReadFS(app, ".cfignore", maxIgnoreSize)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("failed to read .cfignore: %w", err)
	}
	return ignore.CompileIgnoreLines(append(strings.Split(string(content), "\n"), neverPushed...)...), nil
}

func noAppFiles(path string) error { return fmt.Errorf("no app files found in '%s'", path) }
