// Package scaffold creates the repository of a new sidecar buildpack: its catalog and manifest, its
// programs, an example app, and scripts that test and package it.
package scaffold

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// New writes a repository into the directory request.Directory, which must not exist. If it fails,
// it removes everything again. An error in an option is an OptionError.
func New(ctx context.Context, request Request, tools Tools) (err error) {
	if err := request.check(); err != nil {
		return err
	}
	if _, err := os.Lstat(request.Directory); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = &OptionError{"NAME", fmt.Sprintf("found %s, which exists already; expected a name that is not taken here", request.Directory)}
		}
		return err
	}
	content, err := request.resolve(ctx, tools)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(request.Directory), "."+request.Name+"-*")
	if err != nil {
		return fmt.Errorf("failed to make a directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	repository := filepath.Join(work, request.Name)
	if err := content.write(repository); err != nil {
		return fmt.Errorf("failed to write the repository: %w", err)
	}
	if err := judge(repository); err != nil {
		return err
	}
	if content.Go {
		if err := tools.Go(ctx, repository, "mod", "tidy"); err != nil {
			return request.modulesError(err)
		}
	}
	if err := os.Rename(repository, request.Directory); err != nil {
		return fmt.Errorf("failed to move the repository to its place: %w", err)
	}
	return nil
}

// modulesError adds a remedy if the modules are missing that the buildpack is built from.
func (r Request) modulesError(err error) error {
	if r.Replace != "" {
		return fmt.Errorf("failed to find the modules that the buildpack is built from: %w", err)
	}
	return fmt.Errorf("failed to find the modules that the buildpack is built from: %w. If it is %s %s that is not found, --module-version names another version, "+
		"--replace builds from a checkout, and --without-go needs no modules", err, r.Module, r.ModuleVersion)
}

// judge checks the new catalog as staging does.
func judge(repository string) error {
	const name = "buildpack.toml"
	text, err := os.ReadFile(filepath.Join(repository, name))
	if err != nil {
		return fmt.Errorf("failed to read the catalog: %w", err)
	}
	if _, err := sidecar.ParseCatalog(sidecar.Source{Name: name, Content: text}); err != nil {
		return fmt.Errorf("nothing was written, because staging would refuse the catalog: %w", err)
	}
	return nil
}
