package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/javabuildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A declaration predicts the staging result of an app without staging it, from the app itself and the
// sidecar buildpacks among its buildpacks.
type declaration struct {
	staged []launch.Process
	// whole is true if no other buildpack can add to it.
	whole bool
	// warnings say which parts are unknown.
	warnings []string
	// java has the values that the Java buildpack will pass to its memory calculator; nil if that
	// buildpack does not make the start command.
	java *javabuildpack.Calculator
	// refused is the reason why staging would fail before this takes effect, or nil.
	refused error
	// order is a remark on the order of the buildpacks, for a web process without a start command;
	// or empty.
	order string
	// sidecars are those of the app; absent are those that it does not get.
	sidecars []madeSidecar
	absent   []sidecar.Absent
}

// A madeSidecar is a sidecar, and the buildpack that provides it.
type madeSidecar struct {
	sidecar.Definition
	by member
}

// declared predicts the staging result of an app.
func (t *tool) declared(app push.Application) (declaration, error) {
	var refused error
	buildpacks, warnings, err := t.buildpacksOf(app)
	var none noneAccepts
	if errors.As(err, &none) {
		refused, err = none, nil
	}
	if err != nil {
		return declaration{}, err
	}
	found, err := t.sidecarBuildpacks(buildpacks)
	if refused != nil {
		found.warnings = nil // they only apply if the sidecar buildpack accepts the app
	}
	declared := declaration{whole: found.alone, warnings: append(warnings, found.warnings...), refused: refused, order: orderWarning(buildpacks, found)}
	if err != nil {
		return declared, err
	}
	files, err := push.OpenApp(app.Path, app.SecretFiles...)
	if err != nil {
		return declared, err
	}
	defer files.Close() // it was only read
	declared.refused = cmp.Or(files.CheckAny(), declared.refused)
	languages := languages(app.Buildpacks)
	if len(found.members) == 0 {
		return declared, t.withoutSidecarBuildpack(files, app, languages, &declared)
	}
	made := map[string]string{}
	var absent []string
	for i, one := range found.members {
		asked := judge.Case{
			App: files, Modes: !files.Archived, Catalog: one.Catalog, Environ: environ(app), Services: t.services(app), Index: one.index,
			Family:      sidecar.Family{Made: made, Absent: absent, Later: found.relativesFrom(i + 1), HasDependency: one.Has, Unread: found.unread},
			Overridable: one.follows, Followed: !one.last, Languages: languages, Commands: commandsOf(app), Path: t.path(),
		}
		if len(languages) > 0 {
			asked.Starters = languages[len(languages)-1:]
		}
		without, err := declared.judge(one, asked, app.Stack, made)
		if err != nil {
			return declared, err
		}
		absent = append(absent, without...)
	}
	return declared, nil
}

// withoutSidecarBuildpack completes a declaration if no buildpack of the push is known to be a sidecar
// buildpack.
func (t *tool) withoutSidecarBuildpack(files *push.AppFiles, app push.Application, languages []string, declared *declaration) (err error) {
	if endsWith(languages, javabuildpack.Language) {
		expected := javabuildpack.Estimate(files, environ(app))
		declared.java = &expected
	}
	if _, err := fs.Stat(files, sidecar.FileName); err == nil {
		declared.add([]string{fmt.Sprintf("No buildpack of the push is known to be the sidecar buildpack, so %s is not read.", sidecar.FileName)})
	}
	declared.staged, err = launch.ReadProcfile(files)
	return err
}

// judge adds the decisions of one sidecar buildpack. It adds its sidecars to made, and returns those
// that the app does not get.
func (d *declaration) judge(one member, asked judge.Case, stack string, made map[string]string) (absent []string, err error) {
	if asked.Dependencies, err = dependency.Parse(one.Manifest, stack); err != nil {
		if !asked.Overridable {
			return nil, err
		}
		d.add(lines(err))
		asked.Dependencies = &dependency.Dependencies{}
	}
	verdict, err := judge.Judge(asked)
	d.add(verdict.Warnings)
	for _, s := range verdict.Sidecars {
		if s.Service != "" {
			d.add([]string{fmt.Sprintf("Sidecar %q is for the service %q, which is bound.", s.Name, s.Service)})
		}
	}
	d.absent = append(d.absent, verdict.Absent...)
	for _, a := range verdict.Absent {
		d.add([]string{a.String()})
		absent = append(absent, a.Name)
	}
	if err := errors.Join(err, verdict.ProcfileError); err != nil {
		return absent, err
	}
	for i := range verdict.Processes {
		verdict.Processes[i].DeclaredBy = launch.Declarer{Name: one.String(), ReadsSidecarsFile: true}
	}
	d.staged = launch.Merge(d.staged, launch.Merge(verdict.Processes, verdict.Procfile))
	d.java = verdict.Java
	for _, left := range verdict.Left {
		d.add([]string{fmt.Sprintf("%s: %s", one, left)})
	}
	for _, s := range verdict.Sidecars {
		made[s.Name] = one.String()
		d.sidecars = append(d.sidecars, madeSidecar{s, one})
	}
	return absent, nil
}

// buildpacksOf returns the buildpacks that an app is staged with; none if the sidecar buildpack
// decides that.
func (t *tool) buildpacksOf(app push.Application) (buildpacks, warnings []string, err error) {
	known := len(app.Notes)
	if err := t.detect(&app); err != nil {
		return nil, nil, err
	}
	warnings = slices.Clone(app.Notes[known:])
	if app.Detected == "" {
		return app.Buildpacks, warnings, nil
	}
	if app.Detected != standin.Binary {
		warnings = append(warnings, fmt.Sprintf("No buildpack is named, so the platform asks its own in turn: this is the result with %s, which accepts the app.", app.Detected))
	}
	return []string{app.Detected}, warnings, nil
}

// add adds each warning once, since all sidecar buildpacks of a push read the same files.
func (d *declaration) add(warnings []string) {
	for _, warning := range warnings {
		if !slices.Contains(d.warnings, warning) {
			d.warnings = append(d.warnings, warning)
		}
	}
}

// declaredInDroplet reads a droplet's staging result, and finds the sidecars that are missing from it
// because a later buildpack has replaced them (CF-07).
func declaredInDroplet(droplet droplets.Droplet) (declaration, error) {
	declared := declaration{whole: true}
	var err error
	if declared.staged, err = droplet.Staged(); err != nil {
		return declared, err
	}
	layers, err := droplet.Layers()
	if err != nil {
		return declared, err
	}
	declared.staged = launch.NameDeclarers(declared.staged, layers)
	for _, r := range launch.Replacements(layers) {
		declared.add([]string{r.Message(func(position int) string { return fmt.Sprintf("the buildpack in position %d of the push", position) }) + "."})
	}
	return declared, nil
}
