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

// A declaration is what the staging result of an app would have, as far as it is
// known without staging: of the sidecar buildpack among its buildpacks, and of
// the app itself.
type declaration struct {
	staged []launch.Process
	// whole tells that no other buildpack could add to it.
	whole bool
	// warnings say what is not known.
	warnings []string
	// java is what the Java buildpack is expected to tell its memory calculator, or nil
	// where it does not make the start command.
	java *javabuildpack.Calculator
	// refused is why staging would fail before it makes anything of this, or nil.
	refused error
	// order is what to say of the order of the buildpacks where the web process has no start
	// command, or empty.
	order string
	// sidecars are those of the app, and absent those that it does not have.
	sidecars []madeSidecar
	absent   []sidecar.Absent
}

// A madeSidecar is one of an app, with the buildpack that makes it.
type madeSidecar struct {
	sidecar.Definition
	by member
}

// declared is what staging would make of an app.
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
		found.warnings = nil // they are about an app that the sidecar buildpack accepts
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

// withoutSidecarBuildpack is what is declared where no buildpack is known to be a sidecar
// buildpack.
func (t *tool) withoutSidecarBuildpack(files *push.AppFiles, app push.Application, languages []string, declared *declaration) (err error) {
	if endsWith(languages, javabuildpack.Language) {
		expected := javabuildpack.Estimate(files, environ(app))
		declared.java = &expected
	}
	if _, err := fs.Stat(files, sidecar.FileName); err == nil {
		declared.add([]string{fmt.Sprintf("No buildpack of the push is known to be the sidecar buildpack, so that %s is not read.", sidecar.FileName)})
	}
	declared.staged, err = launch.ReadProcfile(files)
	return err
}

// judge adds what one sidecar buildpack makes of the app. Made gets its sidecars; absent are
// those that the app does not have.
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

// buildpacksOf are those that an app is staged with; none where that is left to the sidecar
// buildpack.
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
		warnings = append(warnings, fmt.Sprintf("No buildpack is named, so that the platform asks its own in turn: this is what comes of %s, which accepts the app.", app.Detected))
	}
	return []string{app.Detected}, warnings, nil
}

// add adds each warning once: every sidecar buildpack of a push reads the same files.
func (d *declaration) add(warnings []string) {
	for _, warning := range warnings {
		if !slices.Contains(d.warnings, warning) {
			d.warnings = append(d.warnings, warning)
		}
	}
}

// declaredInDroplet is what a droplet's staging result has, and which sidecars it has not
// since a later buildpack has replaced them (CF-07).
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
