package cli

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/manifest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
)

// A completer returns the values that a shell offers.
type completer = cobra.CompletionFunc

// addCompletions adds completion of all commands' arguments and flag values. Flags that it does not
// list complete to files.
func (t *tool) addCompletions(root *cobra.Command) {
	yamls, directory, nothing := files("yml", "yaml"), cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs), cobra.NoFileCompletions
	values := map[string]completer{
		"manifest": yamls, "previous": yamls, "vars-file": yamls, "services": files("json"),
		"lifecycle": directory, "droplet": directory, "output": directory,
		"buildpack": completeBuildpack, "buildpack-for": completeBuildpackFor, "stack": t.completeStack,
		"port": nothing, "instances": nothing, "memory": nothing, "start-command": nothing, "env": nothing,
		"var": completeVariable, "app": directory, "timeout": nothing,
	}
	for _, c := range root.Commands() {
		c.Flags().VisitAll(func(flag *pflag.Flag) {
			complete := values[flag.Name]
			if choice, ok := flag.Value.(*choice); ok {
				complete = cobra.FixedCompletions(choice.of, cobra.ShellCompDirectiveNoFileComp)
			}
			if complete != nil {
				_ = c.RegisterFlagCompletionFunc(flag.Name, complete) // fails only for an unknown flag, or a second completer
			}
		})
	}
	for name, complete := range map[string]completer{
		"push": completeApp, "stage": completeApp, "run": completeStaged, "plan": t.completePlan, "ps": t.completeRunning,
		"validate": files("yml", "yaml", "toml"), "schema": nothing, "check": files("zip"),
	} {
		if c, _, err := root.Find([]string{name}); err == nil {
			c.ValidArgsFunction = complete
		}
	}
}

// files completes to directories, and files with one of these extensions.
func files(extensions ...string) completer {
	return cobra.FixedCompletions(extensions, cobra.ShellCompDirectiveFilterFileExt)
}

// completeApp offers the apps of the selected manifest.
func completeApp(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return manifest.AppNames(manifestContent(c)), cobra.ShellCompDirectiveNoFileComp
}

// manifestContent returns the content of the selected manifest; empty if it cannot be read.
func manifestContent(c *cobra.Command) []byte {
	path, err := findManifest(c.Flag("manifest").Value.String())
	if err != nil || path == "" {
		return nil
	}
	content, _ := regularfile.Read(path, maxDescription) // without a readable manifest, nothing is offered
	return content
}

// completeStaged also offers apps that were staged without a manifest.
func completeStaged(c *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	names, directive := completeApp(c, args, toComplete)
	if len(args) == 0 {
		names = append(names, stagedApps()...)
	}
	slices.Sort(names)
	return slices.Compact(names), directive
}

// completePlan offers the apps of the manifest or, with --running, the running ones.
func (t *tool) completePlan(c *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	if c.Flags().Changed("running") {
		return t.completeRunning(c, args, toComplete)
	}
	return completeApp(c, args, toComplete)
}

// completeRunning offers the running apps.
func (t *tool) completeRunning(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if len(args) == 0 {
		running, _ := status.RunningApps(t.environ, "") // unreadable ones are not offered
		for _, app := range running {
			names = append(names, app.Name)
		}
	}
	return slices.Compact(names), cobra.ShellCompDirectiveNoFileComp
}

// stagedApps returns the apps with a droplet in this directory.
func stagedApps() []string {
	entries, _ := os.ReadDir(push.StateDirectory) // there may be none
	var names []string
	for _, entry := range entries {
		name, err := url.PathUnescape(entry.Name())
		if err == nil && droplets.IsDroplet(filepath.Join(push.StateDirectory, entry.Name())) {
			names = append(names, name)
		}
	}
	return names
}

// completeStack offers the stacks of the sidecar buildpack's dependencies.
func (t *tool) completeStack(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var description struct {
		Dependencies []struct {
			Stacks []string `yaml:"cf_stacks"`
		}
	}
	stacks := []string{push.DefaultStack}
	if builtin, err := t.readBuildpack(push.BuiltinBuildpack); err == nil && yaml.Unmarshal(builtin.Manifest, &description) == nil {
		for _, d := range description.Dependencies {
			stacks = append(stacks, d.Stacks...)
		}
	}
	slices.Sort(stacks)
	return slices.Compact(stacks), cobra.ShellCompDirectiveNoFileComp
}

// completeBuildpack offers the names of known buildpacks, and buildpacks in directories and zips.
func completeBuildpack(_ *cobra.Command, _ []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	offered := buildpackFiles(toComplete)
	for _, name := range append([]string{push.BuiltinBuildpack}, standin.Names()...) {
		if strings.HasPrefix(name, toComplete) {
			offered = append(offered, name)
		}
	}
	directive := cobra.ShellCompDirectiveNoFileComp
	if slices.ContainsFunc(offered, func(path string) bool { return strings.HasSuffix(path, "/") }) {
		directive |= cobra.ShellCompDirectiveNoSpace
	}
	return offered, directive
}

// completeBuildpackFor offers the names of buildpacks, and after NAME= buildpacks in directories and zips.
func completeBuildpackFor(_ *cobra.Command, _ []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	name, path, named := strings.Cut(toComplete, "=")
	var offered []string
	if !named {
		for _, known := range standin.Names() {
			offered = append(offered, known+"=")
		}
		return offered, directive
	}
	for _, file := range buildpackFiles(path) {
		offered = append(offered, name+"="+file)
	}
	return offered, directive
}

// buildpackFiles returns the zips and directories that begin with a path. A directory that is not a
// buildpack ends with a slash, since there may be one below it.
func buildpackFiles(begun string) []string {
	directory, name := filepath.Split(begun)
	entries, _ := os.ReadDir(filepath.Clean(directory)) // there may be none
	var paths []string
	for _, entry := range entries {
		path := directory + entry.Name()
		info, err := os.Stat(path)
		switch {
		case err != nil, !strings.HasPrefix(entry.Name(), name), strings.HasPrefix(entry.Name(), ".") && name == "":
		case info.IsDir() && stage.IsBuildpack(path), filepath.Ext(path) == ".zip":
			paths = append(paths, path)
		case info.IsDir():
			paths = append(paths, path+"/")
		}
	}
	return paths
}

// completeVariable offers the manifest's ((variables)).
func completeVariable(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var offered []string
	for _, name := range manifest.Placeholders(manifestContent(c)) {
		offered = append(offered, name+"=")
	}
	return offered, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
