package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// buildpackFlags replace the platform's buildpacks, which this machine does not have.
type buildpackFlags struct {
	instead []string
	strict  bool
}

func (f *buildpackFlags) add(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.instead, "buildpack-for", nil, "`NAME=BUILDPACK`: use this directory, zip or git URL for the buildpack NAME, such as ruby_buildpack; repeatable, overrides "+standin.FileName)
	c.Flags().BoolVar(&f.strict, "strict", false, "refuse a buildpack that is not on this machine, instead of running the app with the machine's own language")
}

// apply sets the buildpacks of each app to those that the command line and the app's .sidecar.yml
// choose.
func (f *buildpackFlags) apply(c *cobra.Command, applications []push.Application) error {
	chosen, err := f.chosen()
	if err != nil {
		return usageError{c.CommandPath(), err}
	}
	used := map[string]bool{}
	for i := range applications {
		app := &applications[i]
		choices, err := standin.FindChoices(app.Path)
		if err != nil {
			return err
		}
		app.Notes = append(app.Notes, misspelled(choices, app.Buildpacks)...)
		for name, choice := range chosen {
			if choices.Buildpacks == nil {
				choices.Buildpacks = map[string]standin.Choice{}
			}
			choices.Buildpacks[name] = choice
		}
		app.Strict = f.strict || choices.Strict
		app.Instead = choices.Buildpacks
		for _, name := range app.Buildpacks {
			used[name] = true
		}
		app.Substitute()
	}
	return f.checkUsed(c, applications, chosen, used)
}

// misspelled returns a note for each name in .sidecar.yml that is probably a misspelled buildpack:
// one of the push without a choice or, if the push names none, one of the platform. Other unknown
// names are fine, since a platform may have buildpacks of any name.
func misspelled(choices standin.Choices, buildpacks []string) []string {
	var notes []string
	for _, name := range slices.Sorted(maps.Keys(choices.Buildpacks)) {
		meant := suggest.Name(name, standin.Names())
		_, known := standin.Find(name)
		_, chosen := choices.Buildpacks[meant]
		if known || chosen || meant == "" || slices.Contains(buildpacks, name) || len(buildpacks) > 0 && !slices.Contains(buildpacks, meant) {
			continue
		}
		notes = append(notes, fmt.Sprintf("%s: %s has no effect, since no buildpack of the push is called so; did you mean %s?", choices.Buildpacks[name].Source, printable.Name(name), meant))
	}
	return notes
}

// chosen returns the buildpacks of --buildpack-for, by name.
func (f *buildpackFlags) chosen() (map[string]standin.Choice, error) {
	chosen := map[string]standin.Choice{}
	for _, pair := range f.instead {
		name, buildpack, found := strings.Cut(pair, "=")
		if !found || name == "" || buildpack == "" {
			return nil, fmt.Errorf("--buildpack-for: found %q; expected NAME=BUILDPACK, such as ruby_buildpack=../ruby-buildpack", redact.Text(pair))
		}
		path, err := standin.Locate(".", buildpack)
		if err != nil {
			return nil, fmt.Errorf("--buildpack-for %s: found %q; expected the directory or the zip of a buildpack, or a git URL", redact.Address(name), redact.Address(buildpack))
		}
		chosen[name] = standin.Choice{Buildpack: path, Source: "--buildpack-for"}
	}
	return chosen, nil
}

// checkUsed refuses a --buildpack-for that has no effect, since no app uses the buildpack.
func (f *buildpackFlags) checkUsed(c *cobra.Command, applications []push.Application, chosen map[string]standin.Choice, used map[string]bool) error {
	detects := slices.ContainsFunc(applications, func(app push.Application) bool { return len(app.Buildpacks) == 0 })
	for name := range chosen {
		if _, known := standin.Find(name); used[name] || known && detects {
			continue
		}
		return usageError{c.CommandPath(), errors.New("--buildpack-for: no app of this push names the buildpack " + redact.Address(name))}
	}
	return nil
}
