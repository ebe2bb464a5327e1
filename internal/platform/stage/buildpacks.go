package stage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"code.cloudfoundry.org/buildpackapplifecycle"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/files"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// placeBuildpacks puts each buildpack where the builder looks for it, as the platform does with
// installed ones. The builder itself downloads those that are URLs.
func (p *Stager) placeBuildpacks(ctx context.Context, config buildpackapplifecycle.LifecycleBuilderConfig, app push.Application, names []string) error {
	for i, name := range names {
		destination := config.BuildpackPath(buildpackKey(name))
		if regularfile.Exists(destination) {
			continue // named twice
		}
		if err := p.placeBuildpack(ctx, app, name, destination, i == len(names)-1); err != nil {
			return fmt.Errorf("buildpack %s: %w", redact.Address(name), err)
		}
	}
	return nil
}

// buildpackKey returns a buildpack's name for the builder, which splits the list of names at
// commas.
func buildpackKey(name string) string {
	return strings.ReplaceAll(name, ",", "%2C")
}

func (p *Stager) placeBuildpack(ctx context.Context, app push.Application, name, destination string, last bool) error {
	info, err := os.Stat(name)
	switch {
	case name == push.BuiltinBuildpack:
		return p.Builtin.place(destination)
	case err == nil && info.IsDir():
		if err := copyBuildpack(ctx, name, destination); err != nil {
			return err
		}
		return checkBuildpack(destination, last)
	case err == nil:
		if err := unzipBuildpack(ctx, name, destination); err != nil {
			return err
		}
		return checkBuildpack(destination, last)
	}
	if address, err := url.Parse(name); err == nil && address.IsAbs() {
		return nil
	}
	if _, ok := standin.Find(name); ok {
		return p.placeStandIn(app, name, destination)
	}
	return fmt.Errorf("there is no such buildpack here%s", suggest.Before(suggest.Path(name, IsBuildpack, append(standin.Names(), push.BuiltinBuildpack)...),
		"expected a directory, a zip, a URL that starts with https://, http:// or file://, the name "+push.BuiltinBuildpack+", or that of a language's buildpack such as ruby_buildpack"))
}

// IsBuildpack reports whether a path is a directory or a zip, which may be a buildpack.
func IsBuildpack(path string) bool {
	return regularfile.Exists(filepath.Join(path, "bin")) || filepath.Ext(path) == ".zip"
}

// neverPacked are directories of a buildpack's checkout that a package never has, and that may be
// much larger than the rest.
var neverPacked = []string{".git", ".hg", ".svn", push.StateDirectory}

// copyBuildpack copies a directory for one staging, as the cf CLI would pack it, so that a
// buildpack only changes its copy. The staging's temporary directory may be below it, and is left
// out.
func copyBuildpack(ctx context.Context, source, destination string) error {
	source, err := filepath.EvalSymlinks(source)
	if err != nil {
		return err
	}
	staging := files.Existing([]string{filepath.Dir(filepath.Dir(destination))})
	err = filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err := errors.Join(err, context.Cause(ctx)); err != nil {
			return err
		}
		relative, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		if slices.Contains(neverPacked, relative) || entry.IsDir() && files.IsOneOf(entry, staging) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil // in a worktree, .git is a file
		}
		return files.CopyEntry(ctx, path, filepath.Join(destination, relative), entry)
	})
	if err != nil {
		return fmt.Errorf("failed to copy it: %w", err)
	}
	return nil
}

func unzipBuildpack(ctx context.Context, name, destination string) error {
	archive, err := files.OpenZip(name)
	if err != nil {
		return err
	}
	defer archive.Close()
	none := func(string) bool { return false }
	if err := checkBuildpackSize(files.UnpackedSize(archive, none)); err != nil {
		return err
	}
	return files.Unzip(ctx, archive, destination, none)
}

// checkBuildpack detects problems on which the builder would fail with an unhelpful message.
func checkBuildpack(directory string, last bool) error {
	root := directory
	if entries, err := os.ReadDir(directory); err == nil && len(entries) == 1 && !regularfile.Exists(filepath.Join(directory, "bin")) {
		root = filepath.Join(directory, entries[0].Name()) // as the builder does
	}
	programs, err := os.ReadDir(filepath.Join(root, "bin"))
	if err != nil {
		return errors.New("it has no directory bin, so it is not a buildpack")
	}
	has := map[string]bool{}
	for _, program := range programs {
		name := program.Name()
		switch name {
		case "compile", "detect", "finalize", "release", "supply":
		default:
			continue
		}
		has[name] = true
		info, err := os.Stat(filepath.Join(root, "bin", name))
		if err != nil {
			return regularfile.Unread("bin/"+name, err)
		}
		if info.Mode()&0o111 == 0 {
			return fmt.Errorf("bin/%s is not executable, and the platform could not run it; run chmod +x on it, and pack a zip with a tool that keeps permissions", name)
		}
	}
	switch {
	case !last && !has["supply"]:
		return errors.New("it has no bin/supply, so it can only be the last buildpack")
	case last && !has["finalize"] && !has["compile"]:
		return errors.New("it has neither bin/finalize nor bin/compile, so it cannot be the last buildpack; name another one behind it")
	}
	return nil
}
