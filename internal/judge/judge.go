// Package judge decides what a sidecar buildpack makes of an app: which sidecars it gets,
// what is installed for them, what is most likely not meant, and what is refused. Staging
// carries out what it decides; plan and validate show it before a push. It reads the app
// and looks programs up in given directories, and writes nothing.
package judge

import (
	"io/fs"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/javabuildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A Case is an app with all that has a say in its sidecars, for one sidecar buildpack of a
// push.
type Case struct {
	App fs.FS
	// Buildpack are the files of the buildpack itself, or nil where they are not known.
	Buildpack fs.FS
	// Modes tells that the app's files have the modes that they will have at the start.
	Modes bool
	// Catalog, Environ, Services and Family are as in sidecar.Request.
	Catalog  sidecar.Catalog
	Environ  []string
	Services sidecar.Services
	Family   sidecar.Family
	// Index is that of the buildpack's deps directory.
	Index string
	// Dependencies are those of the buildpack's manifest.yml for the stack. Overridable
	// tells that an earlier buildpack may still change them, so that nothing is refused
	// for what they lack.
	Dependencies *dependency.Dependencies
	Overridable  bool
	// Earlier returns the buildpacks before this one that declare processes. It is called
	// where the app has sidecars, and may be nil where nothing is known of them.
	Earlier func() ([]Neighbor, error)
	// EarlierUnseen tells that the lifecycle will not see what these declare (CF-02).
	EarlierUnseen bool
	// Followed tells that another buildpack comes later.
	Followed bool
	// Languages are what the other buildpacks of the push say that they are for, and
	// Starters are those of the buildpacks that may make the start command.
	Languages, Starters []string
	// Commands are start commands of the app that are known besides its Procfile, by
	// process type. They win.
	Commands map[string]string
	// Memory is the most that the web process can have, as the staging container tells
	// (CF-13); 0 where it is not known, and left to Cloud Controller.
	Memory memory.Size
	// Path are the directories in which programs are found by their names.
	Path []string
}

// A Neighbor is another buildpack of the push that declares processes.
type Neighbor struct {
	Name      string // as the developer knows it
	Processes []launch.Process
	Family    bool // it is a sidecar buildpack
}

// A Verdict is what becomes of a Case.
type Verdict struct {
	// Sidecars are those that the buildpack gives the app, and Left those that it leaves
	// to others of its family.
	Sidecars []sidecar.Definition
	Left     []sidecar.Left
	// Absent are those that it does not give the app, although it knows them.
	Absent []sidecar.Absent
	// Processes are the entries of launch.yml for the sidecars, and Procfile are those of
	// the app. ProcfileError tells why the app's cannot be read, on which the lifecycle
	// will fail.
	Processes     []launch.Process
	Procfile      []launch.Process
	ProcfileError error
	// Neighbors are what Earlier has returned.
	Neighbors []Neighbor
	// Installations are what is installed for the sidecars.
	Installations []Installation
	// Rendered is what is made of bound services before sidecars start.
	Rendered []render.Spec
	// Java is what the Java buildpack is expected to tell its memory calculator; nil
	// where it makes no start command.
	Java *javabuildpack.Calculator
	// Warnings are of what is accepted, and most likely not meant. Notes say what is.
	Warnings []string
	Notes    []string
}

// Judge decides a case. The error is what is refused, a sidecar.Problems where the
// declarations are wrong; the verdict then has no more than the warnings.
func Judge(c Case) (Verdict, error) {
	resolved, err := sidecar.ResolveApp(c.App, sidecar.Request{Catalog: c.Catalog, Environ: c.Environ, Services: c.Services, Family: c.Family})
	v := Verdict{Sidecars: resolved.Sidecars, Left: resolved.Left, Absent: resolved.Absent, Warnings: resolved.Warnings}
	if err != nil {
		return Verdict{Absent: v.Absent, Warnings: v.Warnings}, err
	}
	v.Procfile, v.ProcfileError = launch.ReadProcfile(c.App)
	v.Java = c.expectJava(v.Procfile)
	if len(v.Sidecars) == 0 {
		return v, nil
	}
	for _, step := range []func(*Verdict) error{c.readNeighbors, c.checkNames, c.checkCommands, c.checkMemory, c.checkFiles, c.install} {
		if err := step(&v); err != nil {
			return Verdict{Absent: v.Absent, Warnings: v.Warnings}, err
		}
	}
	c.warn(&v)
	return v, nil
}

// readNeighbors asks for the buildpacks before this one.
func (c Case) readNeighbors(v *Verdict) (err error) {
	if c.Earlier != nil {
		v.Neighbors, err = c.Earlier()
	}
	return err
}

// checkNames refuses a sidecar whose name the app's Procfile or an earlier buildpack's
// launch.yml has already given to something else: the lifecycle would let one replace the
// other without a word (CF-07).
func (c Case) checkNames(v *Verdict) error {
	taken := map[string]string{}
	for _, p := range v.Procfile {
		taken[p.Type] = "a process type of the app's Procfile"
	}
	for _, n := range v.Neighbors {
		for _, p := range n.Processes {
			taken[p.Type] = "the launch.yml of " + n.Name
		}
	}
	return sidecar.CheckNameConflicts(v.Sidecars, taken)
}

// checkCommands makes the entries of launch.yml, and refuses commands that are too long in
// them (CF-27).
func (c Case) checkCommands(v *Verdict) error {
	v.Processes = launch.ProcessesFor(v.Sidecars, c.Index)
	return launch.CheckCommandLength(v.Sidecars, c.Index)
}

// warn says what is accepted of an app with sidecars, and most likely not meant.
func (c Case) warn(v *Verdict) {
	commands := Commands{App: c.App, Modes: c.Modes, Path: c.Path, Last: !c.Followed}
	v.Warnings = slices.Concat(v.Warnings,
		commands.warnings(v.Sidecars),
		overriddenLimits(c.App),
		stopWarnings(c.App, v.Sidecars, c.startCommands(v.Procfile)),
		portWarnings(v.Sidecars),
	)
	if slices.Contains(c.Languages, javabuildpack.Language) {
		v.Warnings = append(v.Warnings, javaWarnings(c.App, v.Sidecars)...)
	}
	if v.Java != nil {
		v.Warnings = append(v.Warnings, javabuildpack.Problems(c.Environ)...)
	}
	c.sayJavaMemory(v)
}

// expectJava is what the Java buildpack will tell its memory calculator, or nil where it
// does not make the start command. An app with a line web: in its Procfile has one of its
// own, which calls no calculator.
func (c Case) expectJava(procfile []launch.Process) *javabuildpack.Calculator {
	ownCommand := slices.ContainsFunc(procfile, func(p launch.Process) bool { return p.Type == launch.WebProcess })
	if ownCommand || !slices.Contains(c.Starters, javabuildpack.Language) {
		return nil
	}
	expected := javabuildpack.Estimate(c.App, c.Environ)
	return &expected
}

// sayJavaMemory says how much memory the Java buildpack's memory calculator takes whatever
// the app, where sidecars reserve some of it. The process has no more than the staging
// container (CF-13), and may have less.
func (c Case) sayJavaMemory(v *Verdict) {
	reserved := c.reservations(launch.WebProcess, v)
	if v.Java == nil || reserved.Budget().Reserved() <= 0 {
		return
	}
	if warning := v.Java.Warning(reserved, c.Environ); warning != "" && c.Memory > 0 {
		v.Warnings = append(v.Warnings, warning)
	} else if minimum := v.Java.Minimum(reserved); minimum != "" {
		v.Notes = append(v.Notes, minimum)
	}
}
