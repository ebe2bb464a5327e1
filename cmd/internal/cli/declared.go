package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/javabuildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// maxDescription is the most of each file that describes an app or a buildpack, in
// bytes.
const maxDescription = 1 << 20

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
	files, err := push.OpenApp(app.Path)
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

// path are the directories in which this machine finds programs.
func (t *tool) path() []string { return filepath.SplitList(env.Get(t.environ, "PATH")) }

func environ(app push.Application) []string {
	var environ []string
	for name, value := range app.Environment {
		environ = append(environ, name+"="+value)
	}
	return environ
}

// A member is a sidecar buildpack of a push.
type member struct {
	family.Buildpack
	source   string // the name that the push has for it
	position int
	index    string // of its deps directory
	follows  bool   // another buildpack comes before it
	last     bool   // none comes after it
}

// String is how the developer knows it.
func (m member) String() string {
	return fmt.Sprintf("%s, the buildpack in position %d of this push", printable.Name(m.Name), m.position)
}

// foundBuildpacks are the sidecar buildpacks of a push, in its order.
type foundBuildpacks struct {
	members  []member
	alone    bool // the push names no other buildpack, and leaves none to detection
	warnings []string
	unread   []string // those that may be further ones, and are not on this machine
}

// relativesFrom are the sidecar buildpacks from one of them on.
func (f foundBuildpacks) relativesFrom(first int) []sidecar.Relative {
	var relatives []sidecar.Relative
	for _, m := range f.members[first:] {
		relative := m.Relative()
		relative.Name = m.String()
		relatives = append(relatives, relative)
	}
	return relatives
}

// sidecarBuildpacks finds the sidecar buildpacks among those of a push, or takes the
// one that the platform would find where none is named.
func (t *tool) sidecarBuildpacks(buildpacks []string) (foundBuildpacks, error) {
	var found foundBuildpacks
	named := len(buildpacks) > 0
	if !named {
		buildpacks = []string{push.BuiltinBuildpack}
		found.warnings = append(found.warnings, "No buildpack is named, so that the platform asks its own in turn, and one before may take the app and give it a start command. "+
			"This is what the sidecar buildpack would do, which takes an app with both sidecars and a Procfile with a line web: COMMAND. "+
			losesSidecars)
	}
	var others, remote []string
	for i, name := range buildpacks {
		read, err := t.readBuildpack(name)
		switch {
		case errors.Is(err, family.ErrStranger):
			if isRemote(name) {
				remote = append(remote, redact.Address(name))
			}
			others = append(others, redact.Address(name))
			continue
		case err != nil:
			return found, err
		}
		found.members = append(found.members, member{
			Buildpack: read, source: name, position: i, follows: i > 0, last: i == len(buildpacks)-1,
			// CF-02: padded to the width of their number, and not of the last index.
			index: fmt.Sprintf("%0*d", len(fmt.Sprint(len(buildpacks))), i),
		})
	}
	if len(others) > 0 {
		found.warnings = append(found.warnings, fmt.Sprintf("Not staged, so that what these buildpacks declare themselves is not known: %s.", strings.Join(others, ", ")))
	}
	if len(remote) > 0 {
		found.warnings = append(found.warnings, fmt.Sprintf("Nothing is fetched here, so that it is not known whether these are sidecar buildpacks: %s. To have one judged, name its directory or zip on this machine.", strings.Join(remote, ", ")))
	}
	found.unread = slices.DeleteFunc(slices.Clone(remote), func(name string) bool { return family.LanguageOf(name) != "" })
	found.alone = named && len(others) == 0 || slices.Equal(buildpacks, []string{standin.Binary})
	return found, nil
}

// isRemote tells whether the platform would download a buildpack: from a URL, or by git
// over SSH, as in git@github.com:owner/name.git.
func isRemote(name string) bool {
	address, err := url.Parse(name)
	return err == nil && address.IsAbs() || overSSH.MatchString(name)
}

var overSSH = regexp.MustCompile(`^[^/@:]+@[^/@:]+:[^:]+$`)

// readBuildpack reads a buildpack as it describes itself, in each form that is on this
// machine. The error of one that is no sidecar buildpack, or is not here, is
// family.ErrStranger.
func (t *tool) readBuildpack(name string) (family.Buildpack, error) {
	if name == push.BuiltinBuildpack {
		return family.Read(t.carried.Buildpack.Files, "")
	}
	files, err := stage.OpenBuildpack(name)
	if errors.Is(err, fs.ErrNotExist) {
		return family.Buildpack{}, family.ErrStranger
	}
	if err != nil {
		return family.Buildpack{}, fmt.Errorf("buildpack %s: %w", redact.Address(name), err)
	}
	defer files.Close() // it was only read
	return family.Read(files, name+string(filepath.Separator))
}

// lines are the messages in an error, one on a line.
func lines(err error) []string {
	var problems sidecar.Problems
	if !errors.As(err, &problems) {
		return strings.Split(err.Error(), "\n")
	}
	all := make([]string, len(problems))
	for i, problem := range problems {
		all[i] = problem.Error()
	}
	return all
}
