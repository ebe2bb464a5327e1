// Package judge decides what a sidecar buildpack does with an app: which sidecars it gets, what is
// installed for them, what is most likely a mistake, and what is rejected. Staging carries out the
// decision; plan and validate show it before a push. The package reads the app, looks up programs
// in given directories, and writes nothing.
package judge

import (
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/javabuildpack"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// Judge decides a case. The error says what is rejected, and is a sidecar.Problems if the
// declarations are wrong; the verdict then only contains the warnings.
func Judge(c Case) (Verdict, error) {
	resolved, err := sidecar.ResolveApp(c.App, sidecar.Request{Catalog: c.Catalog, Sources: c.Declared, Environ: c.Environ, Services: c.Services, Family: c.Family})
	v := Verdict{Sidecars: resolved.Sidecars, Left: resolved.Left, Absent: resolved.Absent, Warnings: resolved.Warnings}
	if err != nil {
		return Verdict{Absent: v.Absent, Warnings: v.Warnings}, err
	}
	c.warnOfUndecided(&v)
	v.Procfile, v.ProcfileError = launch.ReadProcfile(c.App)
	v.Java = c.expectJava(v.Procfile)
	if len(v.Sidecars) == 0 {
		return v, nil
	}
	c.namePackages(v.Sidecars)
	for _, step := range []func(*Verdict) error{c.readNeighbors, c.checkNames, c.checkCommands, c.checkMemory, c.checkFiles, c.checkConfig, c.install} {
		if err := step(&v); err != nil {
			return Verdict{Absent: v.Absent, Warnings: v.Warnings}, err
		}
	}
	c.warn(&v)
	return v, nil
}

// readNeighbors gets the buildpacks before this one.
func (c Case) readNeighbors(v *Verdict) (err error) {
	if c.Earlier != nil {
		v.Neighbors, err = c.Earlier()
	}
	return err
}

// checkNames rejects a sidecar whose name the app's Procfile or an earlier buildpack's launch.yml
// already uses: the lifecycle would silently replace one by the other (CF-07).
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

// checkCommands makes the entries of launch.yml, and rejects commands that are too long there
// (CF-27).
func (c Case) checkCommands(v *Verdict) error {
	v.Processes = launch.ProcessesFor(v.Sidecars, c.Index)
	return launch.CheckCommandLength(v.Sidecars, c.Index)
}

// warn warns about what is accepted, but most likely a mistake.
func (c Case) warn(v *Verdict) {
	commands := Commands{App: c.App, Modes: c.Modes, Path: c.Path, Last: !c.Followed}
	v.Warnings = slices.Concat(v.Warnings,
		commands.warnings(v.Sidecars),
		overriddenLimits(c.App),
		stopWarnings(c.App, v.Sidecars, c.startCommands(v.Procfile)),
		portWarnings(v.Sidecars),
		strayTemplates(v.Sidecars),
	)
	if slices.Contains(c.Languages, javabuildpack.Language) {
		v.Warnings = append(v.Warnings, javaWarnings(c.App, v.Sidecars)...)
	}
	if v.Java != nil {
		v.Warnings = append(v.Warnings, javabuildpack.Problems(c.Environ)...)
	}
	c.sayJavaMemory(v)
}

// expectJava returns what the Java buildpack will tell its memory calculator, or nil if that
// buildpack does not set the start command. An app with a line web: in its Procfile has its own
// command, which calls no calculator.
func (c Case) expectJava(procfile []launch.Process) *javabuildpack.Calculator {
	ownCommand := slices.ContainsFunc(procfile, func(p launch.Process) bool { return p.Type == launch.WebProcess })
	if ownCommand || !slices.Contains(c.Starters, javabuildpack.Language) {
		return nil
	}
	expected := javabuildpack.Estimate(c.App, c.Environ)
	return &expected
}

// sayJavaMemory says how much memory the Java buildpack's memory calculator needs for any app, if
// sidecars reserve some of it. The process has at most the memory of the staging container (CF-13).
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
