// Package droplets keeps each staged app in its own directory: the droplet, the buildpacks' cache,
// and the staging result, from which it reads the processes and sidecars.
package droplets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"code.cloudfoundry.org/buildpackapplifecycle"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/files"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A Droplet is a directory that staging has written.
type Droplet string

// Archive is the path of the droplet's archive, as packed by the builder.
func (d Droplet) Archive() string { return filepath.Join(string(d), "droplet.tgz") }

// Result is the path of the staging result (CF-12).
func (d Droplet) Result() string { return filepath.Join(string(d), "result.json") }

// Cache is the path of the archive with the buildpacks' cache.
func (d Droplet) Cache() string { return filepath.Join(string(d), "cache.tgz") }

// Staged returns the processes and sidecars of the staging result (CF-12).
func (d Droplet) Staged() ([]launch.Process, error) {
	result, err := d.read()
	if err != nil {
		return nil, err
	}
	staged := launch.FromCommands(result.ProcessTypes)
	for _, s := range result.Sidecars {
		types := append([]string{}, s.ProcessTypes...) // not nil: it is a sidecar even without types
		staged = append(staged, launch.Process{Type: s.Name, Command: s.Command, Memory: s.Memory, SidecarFor: types})
	}
	return staged, nil
}

// IsDroplet reports whether sidecar stage has written this directory.
func IsDroplet(path string) bool { return regularfile.Exists(Droplet(path).Result()) }

// maxResultSize is the maximum size of a staging result, in bytes.
const maxResultSize = 16 << 20

func (d Droplet) read() (buildpackapplifecycle.StagingResult, error) {
	var result buildpackapplifecycle.StagingResult
	if err := d.Check(); err != nil {
		return result, err
	}
	content, err := regularfile.Read(d.Result(), maxResultSize)
	if errors.Is(err, fs.ErrNotExist) {
		return result, fmt.Errorf("there is no droplet in %s%s", string(d), suggest.Before(suggest.Path(string(d), IsDroplet), "stage the app first"))
	}
	if err != nil {
		return result, fmt.Errorf("failed to read the droplet's staging result: %w", err)
	}
	if err := json.Unmarshal(content, &result); err != nil {
		return result, fmt.Errorf("%s is not what sidecar stage has left there; stage the app again", d.Result())
	}
	return result, nil
}

// Check refuses a directory to which a droplet cannot or must not be written. Below StateDirectory,
// unless the user has named the path, no link may lead anywhere else, since it may come from a
// cloned repository. Files will be replaced, of whatever kind; directories will not.
func (d Droplet) Check() error {
	elements := strings.Split(filepath.Clean(string(d)), string(filepath.Separator))
	for i := slices.Index(elements, push.StateDirectory); 0 <= i && i < len(elements); i++ {
		path := strings.Join(elements[:i+1], string(filepath.Separator))
		switch err := regularfile.CheckDirectory(path); {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return fmt.Errorf("failed to open the droplet: %w", err)
		}
	}
	if info, err := os.Stat(string(d)); err == nil && !info.IsDir() {
		return fmt.Errorf("failed to open the droplet: %w", &regularfile.Error{Path: string(d), Found: "a file", Want: "a directory, or nothing in its place"})
	}
	for _, file := range []string{d.Archive(), d.Cache(), d.Result()} {
		for _, path := range []string{file, file + newSuffix} {
			if info, err := os.Lstat(path); err == nil && info.IsDir() {
				return fmt.Errorf("failed to open the droplet: %w", &regularfile.Error{Path: path, Found: "a directory", Want: "a file, or nothing in its place"})
			}
		}
	}
	return nil
}

// ReplaceWith moves the files of a finished staging into the droplet: first all of them to its
// directory, and only then to their names, so that a full disk leaves no mixture.
func (d Droplet) ReplaceWith(staged Droplet) (err error) {
	if err := os.MkdirAll(string(d), 0o755); err != nil {
		return fmt.Errorf("failed to make the droplet's directory: %w", err)
	}
	files := []func(Droplet) string{Droplet.Archive, Droplet.Cache, Droplet.Result}
	defer func() {
		for _, file := range files {
			if err != nil {
				_ = os.Remove(file(d) + newSuffix) // it may not be there
			}
		}
	}()
	for _, file := range files {
		if err := move(file(staged), file(d)+newSuffix); err != nil {
			return fmt.Errorf("failed to place the droplet: %w", err)
		}
	}
	for _, file := range files {
		if err := os.Rename(file(d)+newSuffix, file(d)); err != nil {
			return fmt.Errorf("failed to place the droplet: %w", err)
		}
	}
	return nil
}

// KeepCache moves the cache of another droplet here.
func (d Droplet) KeepCache(from Droplet) error {
	if err := os.MkdirAll(string(d), 0o755); err != nil {
		return err
	}
	if err := move(from.Cache(), d.Cache()+newSuffix); err != nil {
		_ = os.Remove(d.Cache() + newSuffix) // it may not be there
		return err
	}
	return os.Rename(d.Cache()+newSuffix, d.Cache())
}

// newSuffix is the suffix of a file that is not complete yet.
const newSuffix = ".new"

// move renames a file, or copies it to another file system.
func move(source, destination string) error {
	if err := os.Remove(destination); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(source, destination); !errors.Is(err, syscall.EXDEV) {
		return err
	}
	return files.CopyFile(context.Background(), source, destination)
}
