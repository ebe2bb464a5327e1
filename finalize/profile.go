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
	profileDirectory = "profile.d" // a buildpack's own
	// maxScript limits the size of a profile script, in bytes: every process of the app sources all
	// of them.
	maxScript = 1 << 20
)

// written matches the names that libbuildpack writes to the droplet's profile.d: a number or a
// buildpack's index, and the script's own name.
var written = regexp.MustCompile(`^[0-9]+_`)

// launchEnvironment has libbuildpack write the launch environment, after checks: libbuildpack
// writes through links, and copies files of any size.
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

// putPortsFirst has the launcher source the scripts that set the app's port behind a proxy before
// those of all other buildpacks. The launcher sorts by name (CF-15), and libbuildpack starts each
// name with the index of the buildpack (CF-16).
func (f *Finalizer) putPortsFirst() error {
	scripts, err := os.ReadDir(f.Stager.ProfileDir())
	if err != nil {
		return err
	}
	for _, script := range scripts {
		index, isPorts := strings.CutSuffix(script.Name(), "_"+launch.PortsScript)
		if _, err := strconv.Atoi(index); !isPorts || err != nil {
			continue // or an earlier run has renamed it
		}
		from := filepath.Join(f.Stager.ProfileDir(), script.Name())
		if err := os.Rename(from, filepath.Join(f.Stager.ProfileDir(), "000_"+script.Name())); err != nil {
			return err
		}
	}
	return nil
}

// checkScripts rejects anything in a buildpack's profile.d that cannot be a profile script.
func (f *Finalizer) checkScripts() error {
	scripts, err := filepath.Glob(filepath.Join(f.Stager.DepsDir(), "*", profileDirectory, "*"))
	if err != nil {
		return err
	}
	for _, script := range scripts {
		// libbuildpack only copies regular files.
		if info, err := os.Lstat(script); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if _, err := regularfile.Read(script, maxScript); err != nil {
			return err
		}
	}
	return nil
}

// checkConfigs rejects anything but a regular file as a buildpack's config.yml: the lifecycle reads
// it whatever it is, once the last buildpack has finalized (buildpackapplifecycle, runner.go,
// buildpacksMetadata).
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

// checkPlace rejects a droplet's profile.d that leads elsewhere, by itself or by the files that
// would be written.
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

// rememberVersion has libbuildpack write the version to the cache. Since libbuildpack writes
// through links, anything but a file in that place is removed first; a cache that is itself a link
// is left alone.
func (f *Finalizer) rememberVersion() error {
	const metadata = "BUILDPACK_METADATA"
	cache, err := regularfile.OpenDirectory(f.Stager.CacheDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil // without a cache there is nothing to remember
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
