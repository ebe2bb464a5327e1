package buildpack

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"github.com/cloudfoundry/libbuildpack"
	"github.com/paketo-buildpacks/packit/v2/chronos"
	"golang.org/x/term"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// archivesDirectory keeps downloaded archives, below the cache directory.
const archivesDirectory = "archives"

// An installer installs the buildpack's own programs, and packages from any
// source.
type installer struct {
	buildpack layout
	find      func(name string) (path string, err error) // see Hooks.Program; nil: all programs are in bin
	environ   []string
	log       *libbuildpack.Logger
	packages  install.Installer
	used      []install.Checksum
	programs  map[string]string // the path of each program's copy, by that of its own file without links
	// authorities counts the operator's trusted authorities (see trust).
	authorities int
}

func newInstaller(buildpack layout, environ []string, cacheDir string, stdout io.Writer, log *libbuildpack.Logger) *installer {
	file, isFile := stdout.(*os.File)
	say := func(format string, args ...any) { log.Info(format, args...) }
	return &installer{buildpack: buildpack, environ: environ, log: log, programs: map[string]string{}, packages: install.Installer{
		Fetcher: install.Fetcher{Retry: install.DefaultRetryPolicy, Root: buildpack.root, Logf: say},
		Cache:   &install.Cache{Directory: filepath.Join(cacheDir, archivesDirectory)},
		Limits:  install.DefaultLimits,
		Logf:    say,
		Progress: &install.Progress{
			Writer: stdout, Terminal: isFile && term.IsTerminal(int(file.Fd())),
			Interval: install.DefaultInterval, Clock: chronos.DefaultClock,
		},
	}}
}

// Program copies one of the buildpack's own programs. If the file of an earlier one is the same,
// as in the command line tool, which is all of them, the droplet has that file once.
func (i *installer) Program(name, destination string) error {
	path := filepath.Join(i.buildpack.programs, name)
	if i.find != nil && !regularfile.Exists(path) {
		found, err := i.find(name)
		if err != nil {
			return err
		}
		path = found
	}
	file, err := filepath.EvalSymlinks(path)
	if err != nil {
		return install.Executable(path, destination) // whose error says what is missing
	}
	if earlier, ok := i.programs[file]; ok && install.LinkExecutable(earlier, destination) == nil {
		return nil // some file systems have no links
	}
	if err := install.Executable(path, destination); err != nil {
		return err
	}
	i.programs[file] = destination
	return nil
}

func (i *installer) Artifact(wanted artifact.Artifact, directory string) error {
	sum, err := install.ParseChecksum(wanted.Checksum)
	if err != nil {
		return err
	}
	published := wanted.URI
	i.trust()
	if wanted.File != "" { // a cached buildpack contains the file
		wanted.URI = (&url.URL{Scheme: "file", Path: filepath.Join(i.buildpack.root, wanted.File)}).String()
		cache := i.packages.Cache
		i.packages.Cache = nil
		defer func() { i.packages.Cache = cache }()
	} else if wanted.URI, err = dependency.Locate(i.environ, published, sum.String(), i.buildpack.root); err != nil {
		return err
	}
	i.used = append(i.used, sum)
	err = i.packages.Install(context.Background(), wanted, directory)
	if wanted.URI == published { // not from a mirror
		err = i.unpublished(published, err)
	}
	return i.explained(err)
}

// tidy removes archives that this staging has not used from the cache.
func (i *installer) tidy() error {
	if err := i.packages.Cache.Prune(i.used); err != nil {
		return fmt.Errorf("failed to tidy up the cache: %w", err)
	}
	return nil
}
