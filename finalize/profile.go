package finalize

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

const (
	profileDirectory = "profile.d" // of a buildpack
	// maxScript is the most that a profile script may come to, in bytes: every process
	// of the app sources all of them.
	maxScript = 1 << 20
)

// written matches the names that libbuildpack writes to in the droplet's profile.d: a
// number or a buildpack's index, and the script's own.
var written = regexp.MustCompile(`^[0-9]+_`)

// launchEnvironment has libbuildpack write the launch environment, which writes through
// links, and copies each file whatever its size.
func (f *Finalizer) launchEnvironment() error {
	if err := f.checkScripts(); err != nil {
		return err
	}
	if err := f.checkPlace(); err != nil {
		return err
	}
	if err := f.Stager.SetLaunchEnvironment(); err != nil {
		return err
	}
	return f.putPortsFirst()
}

// putPortsFirst has the launcher source the scripts that set the app's port behind a
// proxy before those of all other buildpacks: it goes by the names (CF-15), and
// libbuildpack gives each script the index of its buildpack (CF-16).
func (f *Finalizer) putPortsFirst() error {
	scripts, err := os.ReadDir(f.Stager.ProfileDir())
	if err != nil {
		return err
	}
	for _, script := range scripts {
		index, isPorts := strings.CutSuffix(script.Name(), "_"+launch.PortsScript)
		if _, err := strconv.Atoi(index); !isPorts || err != nil {
			continue // or it has been put first before
		}
		from := filepath.Join(f.Stager.ProfileDir(), script.Name())
		if err := os.Rename(from, filepath.Join(f.Stager.ProfileDir(), "000_"+script.Name())); err != nil {
			return err
		}
	}
	return nil
}

// checkScripts refuses what no profile script is, of any buildpack.
func (f *Finalizer) checkScripts() error {
	scripts, err := filepath.Glob(filepath.Join(f.Stager.DepsDir(), "*", profileDirectory, "*"))
	if err != nil {
		return err
	}
	for _, script := range scripts {
		// libbuildpack copies regular files alone.
		if info, err := os.Lstat(script); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if _, err := regularfile.Read(script, maxScript); err != nil {
			return err
		}
	}
	return nil
}

// checkConfigs refuses what is no file in the place of a buildpack's config.yml, which
// the lifecycle reads whatever it is, once the last buildpack has finalized
// (buildpackapplifecycle, runner.go, buildpacksMetadata).
func (f *Finalizer) checkConfigs() error {
	const maxConfig = 1 << 20 // bytes
	configs, err := filepath.Glob(filepath.Join(f.Stager.DepsDir(), "*", "config.yml"))
	if err != nil {
		return err
	}
	for _, config := range configs {
		_, err := regularfile.Read(config, maxConfig)
		var other *regularfile.Error
		if errors.As(err, &other) {
			return fmt.Errorf("failed to read a buildpack's config.yml: %w", err)
		}
	}
	return nil
}

// checkPlace refuses a profile.d of the droplet that leads elsewhere, itself or by the
// files that would be written.
func (f *Finalizer) checkPlace() error {
	root, err := regularfile.OpenDirectory(f.Stager.ProfileDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil // libbuildpack makes it
	}
	if err != nil {
		return err
	}
	defer root.Close() // it was only read
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if written.MatchString(entry.Name()) && !entry.Type().IsRegular() {
			return fmt.Errorf("%s: found something other than a regular file; expected one, or nothing in its place", filepath.Join(f.Stager.ProfileDir(), entry.Name()))
		}
	}
	return nil
}

// rememberVersion has libbuildpack write the version into the cache, which writes
// through links. Anything else in the place of its file is removed; a cache that
// is a link is left alone.
func (f *Finalizer) rememberVersion() error {
	const metadata = "BUILDPACK_METADATA"
	cache, err := regularfile.OpenDirectory(f.Stager.CacheDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil // there is no next staging with it
	}
	if err != nil {
		return err
	}
	defer cache.Close()
	if info, err := cache.Lstat(metadata); err == nil && !info.Mode().IsRegular() {
		if err := cache.RemoveAll(metadata); err != nil {
			return err
		}
	}
	f.Stager.StagingComplete()
	return nil
}
