package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/manifest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// appFlags are flags as those of cf push: they select an app, and override its manifest.
type appFlags struct {
	manifest    string
	variables   []string
	varsFiles   []string
	path        string
	buildpack   []string
	stack       string
	command     string
	memory      string
	instances   int
	environment environmentFlags
	buildpacks  buildpackFlags

	flags  *cobra.Command
	loaded bool // load has tried to read a manifest
}

// A use says what a command does with an app. The command has only the flags that have an
// effect on this.
type use int

const (
	forStaging use = 1 << iota // stage it
	forRunning                 // run its processes
)

func (f *appFlags) add(c *cobra.Command, uses use) {
	f.flags = c
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.manifest, "manifest", "f", "", "app manifest, or the `PATH` of a directory with a manifest.yml (default: manifest.yml here, if there is one)")
	if uses&forStaging != 0 {
		flags.StringVarP(&f.path, "path", "p", "", "app: the `PATH` of a directory or an archive (default: the manifest's, or this directory)")
		flags.StringArrayVarP(&f.buildpack, "buildpack", "b", nil, "`BUILDPACK`: a directory, a zip, a git URL, the name "+push.BuiltinBuildpack+", or the name of a language buildpack such as ruby_buildpack; repeatable, the app's language last")
	}
	if uses&forRunning != 0 {
		flags.StringVarP(&f.command, "start-command", "c", "", "start the web process with this `COMMAND`")
	}
	flags.StringVarP(&f.memory, "memory", "m", "", "memory `SIZE` of the web process, such as 256M or 1G")
	if uses&forRunning != 0 {
		flags.VarP(&wholeNumber{&f.instances, 0, math.MaxInt32, "a whole number, 0 or more"}, "instances", "i", "`NUMBER` of instances of the web process")
	}
	if uses&forStaging != 0 {
		flags.StringVarP(&f.stack, "stack", "s", "", "`STACK` that buildpacks see, such as cflinuxfs4")
		f.buildpacks.add(c)
	}
	f.environment.add(c)
	flags.StringArrayVar(&f.variables, "var", nil, "`NAME=VALUE` for ((NAME)) in the manifest; repeatable")
	flags.StringArrayVar(&f.varsFiles, "vars-file", nil, "`PATH` of a YAML file with values for the manifest; repeatable")
}

// applications returns the apps that the command line selects: the named app, or all apps
// of the manifest.
func (f *appFlags) applications(args []string) ([]push.Application, error) {
	overrides, err := f.overrides()
	if err != nil {
		return nil, err
	}
	variables, notes, err := f.environment.variables()
	if err != nil {
		return nil, err
	}
	overrides.Environment = variables
	selected, err := f.selected(args, overrides)
	if err == nil && f.flags.Flags().Lookup("strict") != nil {
		err = f.buildpacks.apply(f.flags, selected)
	}
	for i := range selected {
		selected[i].Notes = append(selected[i].Notes, notes...)
	}
	if err != nil {
		return selected, err
	}
	return selected, f.leaveOut(selected)
}

// leaveOut leaves the files of --env-file and --vars-file out of each app: either may have secrets.
func (f *appFlags) leaveOut(applications []push.Application) error {
	var problems []error
	for _, file := range f.environment.files {
		problems = append(problems, leaveOut(applications, file, "the values of variables"))
	}
	for _, file := range f.varsFiles {
		problems = append(problems, leaveOut(applications, file, "values for the manifest"))
	}
	return errors.Join(problems...)
}

// selected returns the apps that the command line selects, with its overrides applied.
func (f *appFlags) selected(args []string, overrides push.Overrides) ([]push.Application, error) {
	name := ""
	if len(args) > 0 {
		name = args[0]
	}
	manifest, err := findManifest(f.manifest)
	if err != nil {
		return nil, err
	}
	if manifest == "" {
		if err := f.refuseVariables("there is none here"); err != nil {
			return nil, err
		}
		return f.withoutManifest(name, overrides)
	}
	applications, err := f.load(manifest)
	if err != nil {
		return nil, err
	}
	selected, err := push.SelectApplications(applications, name, overrides)
	if errors.Is(err, push.ErrSeveralApplications) {
		err = usageError{f.flags.CommandPath(), err}
	}
	return selected, err
}

// previous returns the app of this name in another manifest, without the overrides of the command
// line, or nil if that manifest does not have it. If the manifest states no path, the app is in the
// same directory.
func (f *appFlags) previous(path, name string) (*push.Application, error) {
	manifest, err := findManifest(path)
	if err != nil {
		return nil, err
	}
	applications, err := f.load(manifest)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(applications, func(app push.Application) bool { return app.Name == name })
	if i < 0 {
		return nil, nil
	}
	if applications[i].Path == "" {
		applications[i].Path = filepath.Dir(manifest)
	}
	return &applications[i], nil
}

// stagedFlags are the flags that only have an effect on staging.
var stagedFlags = []string{"path", "buildpack", "buildpack-for", "strict", "stack", "env", "env-file"}

// refuseStaging refuses flags that have no effect on a staged droplet.
func (f *appFlags) refuseStaging() error {
	if !f.flags.Flags().Changed("droplet") {
		return nil
	}
	for _, name := range stagedFlags {
		if f.flags.Flags().Changed(name) {
			return usageError{f.flags.CommandPath(), fmt.Errorf("--%s has no effect on a droplet, which has been staged: stage the app again with it", name)}
		}
	}
	return nil
}

// changedFlags returns the app's flags that the command line sets.
func (f *appFlags) changedFlags() []string {
	var own, others []string
	var flags appFlags
	var c cobra.Command
	flags.add(&c, forStaging|forRunning)
	c.Flags().VisitAll(func(flag *pflag.Flag) { own = append(own, flag.Name) })
	f.flags.Flags().Visit(func(flag *pflag.Flag) {
		if slices.Contains(own, flag.Name) {
			others = append(others, "--"+flag.Name)
		}
	})
	return others
}

// refuseVariables refuses values for a manifest if no manifest is read.
func (f *appFlags) refuseVariables(why string) error {
	if len(f.variables)+len(f.varsFiles) == 0 {
		return nil
	}
	return usageError{f.flags.CommandPath(), errors.New("--var and --vars-file are for a manifest, and " + why)}
}

// load reads the apps of a manifest with the variables of the command line.
func (f *appFlags) load(path string) ([]push.Application, error) {
	f.loaded = true
	variables, err := manifest.LoadVariables(f.varsFiles, f.variables)
	if err != nil {
		return nil, err
	}
	return push.LoadManifest(path, variables)
}

// withoutManifest returns the app in a directory. If the command line does not name it, its name is
// that of the directory.
func (f *appFlags) withoutManifest(name string, overrides push.Overrides) ([]push.Application, error) {
	if name == "" {
		absolute, err := filepath.Abs(f.path)
		if err != nil {
			return nil, err
		}
		name = filepath.Base(absolute)
	}
	return push.SelectApplications([]push.Application{push.NewApplication(name)}, "", overrides)
}

// findManifest returns the path of a manifest, given that path or its directory. Empty means the
// current directory, which may have no manifest.
func findManifest(path string) (string, error) {
	directory := path
	if directory == "" {
		directory = "."
	}
	info, err := os.Stat(directory)
	if err != nil {
		return "", fmt.Errorf("failed to find the manifest: %w", regularfile.Unread(directory, err))
	}
	if !info.IsDir() {
		return directory, nil
	}
	for _, name := range []string{"manifest.yml", "manifest.yaml"} {
		path := filepath.Join(directory, name)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return path, regularfile.Unread(path, err)
		}
	}
	if path != "" {
		return "", errors.New("there is no manifest.yml in " + path)
	}
	return "", nil
}

func (f *appFlags) overrides() (push.Overrides, error) {
	if whichever := slices.IndexFunc(f.buildpack, func(name string) bool { return name == "null" || name == "default" }); whichever >= 0 && len(f.buildpack) > 1 {
		return push.Overrides{}, usageError{f.flags.CommandPath(),
			fmt.Errorf("-b %s means any buildpack that accepts the app; found %d more; expected it alone", f.buildpack[whichever], len(f.buildpack)-1)}
	}
	overrides := push.Overrides{Path: f.path, Buildpacks: f.buildpack, Stack: f.stack}
	flags := f.flags.Flags()
	if flags.Changed("start-command") {
		command := f.command
		if command == "null" || command == "default" {
			command = "" // the cf CLI's words for the droplet's own
		}
		overrides.Command = &command
	}
	if flags.Changed("memory") {
		size, err := memory.ParseWithUnit(f.memory)
		if err == nil && size == 0 {
			err = errors.New("it must be greater than 0MB")
		}
		if err != nil {
			return overrides, usageError{f.flags.CommandPath(), fmt.Errorf("-m %s: %w", f.memory, err)}
		}
		overrides.Memory = &size
	}
	if flags.Changed("instances") {
		overrides.Instances = &f.instances
	}
	return overrides, nil
}
