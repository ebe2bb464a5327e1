package buildpack

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/supply"
)

// declaredBy names a hook's declarations in messages, in place of a file name.
const declaredBy = "with Declare in the hook Judged"

// calls calls an author's hooks for one push.
type calls struct {
	hooks     []Hooks
	push      Push
	directory string // the buildpack's deps directory
}

// supplyWith runs the phase supply with the author's hooks.
func supplyWith(supplier *supply.Supplier, hooks []Hooks) error {
	if len(hooks) == 0 {
		return supplier.Run()
	}
	app, err := os.OpenRoot(supplier.Stager.BuildDir())
	if err != nil {
		return fmt.Errorf("failed to open the app: %w", err)
	}
	defer app.Close() // it was only read
	own, err := supply.OpenBuildpack(supplier.Manifest.RootDir())
	if err != nil {
		return fmt.Errorf("failed to open the buildpack: %w", err)
	}
	defer own.Close() // it was only read
	c := calls{hooks: hooks, directory: supplier.Stager.DepDir(), push: Push{
		App: regularfile.FS(app), Buildpack: regularfile.FS(own), Environ: slices.Clone(supplier.Environ),
		Index: supplier.Stager.DepsIdx(), Stack: supplier.Stack, log: supplier.Log,
	}}
	supplier.Hooks = supply.Hooks{Judged: c.judged, Installed: c.installed, Launching: c.launching}
	return supplier.Run()
}

// programFinder returns the first Program among the hooks, or nil.
func programFinder(hooks []Hooks) func(string) (string, error) {
	for _, h := range hooks {
		if h.Program != nil {
			return func(name string) (path string, err error) {
				err = call("Program", func() (err error) { path, err = h.Program(name); return err })
				return path, err
			}
		}
	}
	return nil
}

// call calls a hook. It turns a panic into an error, so that the phase fails with its own exit code
// (CF-11).
func call(name string, hook func() error) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("the buildpack's hook %s panicked: %v%s", name, reason, panickedAt())
		}
	}()
	return hook()
}

func (c calls) judged(verdict judge.Verdict) ([]sidecar.Source, error) {
	context := &Judged{Push: c.push, Sidecars: sidecarsOf(verdict)}
	for _, h := range c.hooks {
		if h.Judged == nil {
			continue
		}
		if err := call("Judged", func() error { return h.Judged(context) }); err != nil {
			return nil, err
		}
	}
	var declared []sidecar.Source
	for _, document := range context.declared {
		declared = append(declared, sidecar.Source{Name: declaredBy, Content: []byte(document)})
	}
	return declared, nil
}

func (c calls) installed(verdict judge.Verdict) error {
	context := &Installed{Push: c.push, Sidecars: sidecarsOf(verdict), Directory: c.directory}
	for _, h := range c.hooks {
		if h.Installed == nil {
			continue
		}
		if err := call("Installed", func() error { return h.Installed(context) }); err != nil {
			return err
		}
	}
	return nil
}

func (c calls) launching(verdict judge.Verdict) ([]launch.Process, error) {
	context := &Launching{Push: c.push, Sidecars: sidecarsOf(verdict)}
	for _, p := range verdict.Processes {
		context.Processes = append(context.Processes, Process{Type: p.Type, Command: p.Command, Memory: p.Memory, SidecarFor: slices.Clone(p.SidecarFor)})
	}
	for _, h := range c.hooks {
		if h.Launching == nil {
			continue
		}
		if err := call("Launching", func() error { return h.Launching(context) }); err != nil {
			return nil, err
		}
	}
	var processes []launch.Process
	for _, p := range context.Processes {
		processes = append(processes, launch.Process{Type: p.Type, Command: p.Command, Memory: p.Memory, SidecarFor: p.SidecarFor})
	}
	return processes, nil
}

// sidecarsOf returns the sidecars of a verdict in the form that hooks get.
func sidecarsOf(verdict judge.Verdict) []Sidecar {
	var all []Sidecar
	for _, d := range verdict.Sidecars {
		one := Sidecar{Name: d.Name, ProcessTypes: slices.Clone(d.ProcessTypes), Memory: int(d.Memory), Dependency: d.Package.Dependency, Service: d.Service}
		for _, i := range verdict.Installations {
			if i.Name == d.Name && i.Directory != "" {
				one.Version, one.Package = i.Version, path.Join(judge.PackagesDirectory, filepath.ToSlash(i.Directory))
			}
		}
		all = append(all, one)
	}
	return all
}

// panickedAt returns the file and line whose panic is being recovered, for the author of the hook;
// empty if it is not known.
func panickedAt() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	panicking := false
	for {
		frame, more := frames.Next()
		runtimes := strings.HasPrefix(frame.Function, "runtime.")
		if panicking && !runtimes {
			return fmt.Sprintf(" (%s:%d)", path.Base(filepath.ToSlash(frame.File)), frame.Line)
		}
		panicking = panicking || frame.Function == "runtime.gopanic"
		if !more {
			return ""
		}
	}
}
