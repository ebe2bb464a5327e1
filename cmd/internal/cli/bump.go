package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/bump"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// manifestFile lists a buildpack's dependencies.
const manifestFile = "manifest.yml"

// maxBuildpackFile is the maximum size in bytes of a buildpack's manifest.yml and buildpack.toml.
const maxBuildpackFile = 1 << 20

// bump changes a dependency in a buildpack's manifest.yml to a new version.
func (t *tool) bump() *cobra.Command {
	var request bump.Request
	var directory string
	c := &cobra.Command{
		Use:   "bump NAME [VERSION]",
		Short: "Change a dependency of a buildpack's manifest.yml to a new version",
		Long: "Downloads a new version of a dependency, and changes the version, the URI and the SHA-256 of its entries in\n" +
			"manifest.yml, for all stacks, and its line of default_versions if that would no longer match. Comments and order\n" +
			"stay. Without VERSION, it takes the newest release, if the URI is that of a GitHub release. If anything is wrong, for\n" +
			"example if the new version lacks a program that the catalog runs, or has it for another processor, the file stays\n" +
			"unchanged.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usageError{c.CommandPath(), fmt.Errorf("found %d arguments; expected the name of a dependency, and perhaps its new version", len(args))}
			}
			if request.URI != "" {
				if err := checkURL(request.URI); err != nil {
					return usageError{c.CommandPath(), fmt.Errorf("--uri: %w", err)}
				}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			request.Name = args[0]
			if len(args) > 1 {
				request.Version = args[1]
			}
			if request.URI != "" && request.Version == "" {
				return usageError{c.CommandPath(), errors.New("--uri needs the version that is published there: sidecar bump NAME VERSION")}
			}
			ctx, stop := untilSignal()
			defer stop()
			return t.bumpIn(ctx, directory, request, c.ErrOrStderr())
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return dependencyNames(directory), cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.Flags().StringVarP(&directory, "path", "p", ".", "`DIRECTORY` of the buildpack")
	c.Flags().StringVar(&request.URI, "uri", "", "`URL` where the new version is published (default: the old one's, with the version changed)")
	c.Flags().StringVar(&request.Replace, "replace", "", "`VERSION` to replace, of several")
	return c
}

func (t *tool) bumpIn(ctx context.Context, directory string, request bump.Request, stderr io.Writer) error {
	path := filepath.Join(directory, manifestFile)
	content, err := regularfile.Read(path, maxBuildpackFile)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("found no %s in %s; expected the directory of a buildpack (--path)", manifestFile, directory)
	}
	if err != nil {
		return err
	}
	if request.Uses, err = uses(directory, request.Name); err != nil {
		return err
	}
	result, err := bump.Manifest(ctx, content, request, downloads{stderr})
	switch {
	case errors.Is(err, bump.ErrNewest):
		_, err = fmt.Fprintf(t.stdout, "%s is at its newest release\n", printable.Name(request.Name))
		return err
	case err != nil:
		return err
	}
	if err := replaceFile(path, result.Content); err != nil {
		return fmt.Errorf("failed to write %s: %w", path, err)
	}
	return t.tellBumped(request.Name, result)
}

// replaceFile replaces a file's content and keeps its permissions. It follows links.
func replaceFile(path string, content []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, content, info.Mode().Perm())
}

// tellBumped prints the changes, and the programs of the new version.
func (t *tool) tellBumped(name string, result bump.Result) error {
	if _, err := fmt.Fprintf(t.stdout, "%s %s -> %s\n", printable.Name(name), printable.Name(result.From), printable.Name(result.To)); err != nil {
		return err
	}
	if result.Lower {
		if _, err := fmt.Fprintf(t.stdout, "  %s is lower than %s, which it replaces\n", printable.Name(result.To), printable.Name(result.From)); err != nil {
			return err
		}
	}
	for _, change := range result.Changes {
		text := change.New
		if change.Key == "uri" || change.Key == "source" {
			text = install.Redact(text)
		}
		if _, err := fmt.Fprintf(t.stdout, "  %s:%d: %s: %s\n", manifestFile, change.Line, change.Key, printable.Text(text)); err != nil {
			return err
		}
	}
	for _, file := range result.Files {
		if err := printPublished(t.stdout, file); err != nil {
			return err
		}
	}
	return nil
}

// uses returns what a buildpack's catalog uses from a dependency. A buildpack without a
// buildpack.toml uses nothing.
func uses(directory, name string) ([]bump.Use, error) {
	content, err := regularfile.Read(filepath.Join(directory, family.DescriptionFile), maxBuildpackFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	catalog, err := sidecar.ParseCatalog(sidecar.Source{Name: family.DescriptionFile, Content: content})
	if err != nil {
		return nil, err
	}
	packages := catalog.Installing(name)
	var all []bump.Use
	for _, of := range slices.Sorted(maps.Keys(packages)) {
		p := packages[of]
		all = append(all, bump.Use{Sidecar: of, Executable: p.Executable, Strip: p.Artifact.Strip, Constraint: p.Version})
	}
	return all, nil
}

// dependencyNames returns the dependencies in a buildpack's manifest.yml, for completion.
func dependencyNames(directory string) []string {
	content, err := regularfile.Read(filepath.Join(directory, manifestFile), maxBuildpackFile)
	if err != nil {
		return nil
	}
	return bump.Names(content)
}

// downloads downloads published files.
type downloads struct{ stderr io.Writer }

func (d downloads) Look(ctx context.Context, uri string, strip int) (published.File, error) {
	return published.Look(ctx, newDownloader(d.stderr), uri, strip)
}

func (d downloads) Checksum(ctx context.Context, uri string) (string, error) {
	return published.Checksum(ctx, newDownloader(d.stderr), uri)
}

func (d downloads) Redirect(ctx context.Context, uri string) (*url.URL, error) {
	return newDownloader(d.stderr).Fetcher.Redirect(ctx, uri)
}
