//go:build linux

// Package supervise runs and supervises one command: it waits for the sidecars that the command
// depends on, starts, probes and restarts the command, enforces its memory limit, has it reload,
// and ends it with all that it has started. The command writes directly to the supervisor's
// standard output, unless the spec asks for a filter.
package supervise

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// Main is the program. The specs are in the directory above the program's own. It returns the exit
// status.
func Main(args, environ []string, stdout, stderr io.Writer) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(stderr, "[supervise] failed to find its own place:", err)
		return statusFailed
	}
	directory := filepath.Dir(filepath.Dir(self))
	switch {
	case len(args) > 3 && args[2] == "--":
		return run(directory, args, environ, stdout, stderr)
	case len(args) == 3 && args[1] == "--app":
		return startApp(directory, args[2], environ, stdout, stderr)
	case len(args) == 2 && args[1] == "--otel-identity":
		return printOTelIdentity(environ, stdout, stderr)
	case len(args) == 3 && args[1] == "--ports":
		return printPorts(directory, args[2], environ, stdout, stderr)
	default:
		fmt.Fprint(stderr, usage)
		return statusUsage
	}
}

// run handles the arguments PROGRAM NAME -- COMMAND...
func run(directory string, argv, environ []string, stdout, stderr io.Writer) int {
	name, args := argv[1], argv[3:]
	say := newAsyncLogger(stderr, name)
	defer say.close()
	specs, err := supervision.Read(directory)
	if err != nil {
		say.say("%s", err)
		return statusFailed
	}
	i, err := supervision.Find(specs, name)
	if err != nil {
		say.say("%s", err)
		return statusFailed
	}
	spec := specs[i]
	if spec.KeepsSupervisor() && (&reaper{}).reapAll() {
		return delegate(argv, environ, say)
	}
	if spec.OnChange != nil {
		environ = environment(environ).withOnChange(directory, spec.OnChange, say.say)
	}
	environ = environment(environ).withProxyPorts(say.say)
	if spec.OTelIdentity {
		environ = environment(environ).withOTelIdentity(say.say)
	}
	status := &publisher{path: supervision.StatePath(directory, i), warn: say.say}
	self := identify(os.Getpid())
	status.state = supervision.State{Name: name, Supervisor: self.pid, ProcessStart: self.start, Phase: supervision.PhaseStarting, Since: time.Now()}
	if len(spec.DependsOn) > 0 {
		status.update(func(s *supervision.State) { s.Phase = supervision.PhaseWaiting })
		w := wait{directory: directory, specs: specs, notice: func(format string, args ...any) {
			say.say("waits for "+format, args...)
		}}
		if err := w.all(spec.DependsOn); err != nil {
			status.update(func(s *supervision.State) { s.Phase, s.LastError = supervision.PhaseStopping, err.Error() })
			say.say("%s, and %s needs it; the app's instance ends", err, name)
			return statusFailed
		}
	}
	if err := readStated(directory, &spec, environ); err != nil {
		status.update(func(s *supervision.State) { s.Phase, s.LastError = supervision.PhaseStopping, err.Error() })
		say.say("%s; the app's instance ends", err)
		return statusFailed
	}
	s := &supervisor{spec: spec, directory: directory, status: status, asyncLogger: say, environ: environ, outputs: [2]io.Writer{stdout, stderr}}
	if spec.Render {
		files := environment(environ).set(supervision.FilesVariable, supervision.FilesPath(directory, i))
		prepared := preparation{directory: directory, spec: spec, args: args, environ: files, say: say.say}
		s.prepare, s.environ = prepared.command, files
		s.renderFiles = func() error { return prepared.files(&s.children) }
	} else if s.command, err = newLimitedCommand(directory, spec, args, environ); err != nil {
		say.say(notLimited, err)
	}
	if !spec.KeepsSupervisor() {
		if err := s.makeCommand(); err != nil {
			status.update(func(s *supervision.State) { s.Phase, s.LastError = supervision.PhaseStopping, err.Error() })
			say.say("%s; the app's instance ends", err)
			return statusFailed
		}
		if len(spec.DependsOn) > 0 {
			status.update(func(s *supervision.State) { s.Phase, s.Pid, s.Supervisor = supervision.PhaseReady, self.pid, 0 })
		}
		err := s.command.exec()
		say.say("%s", s.command.explain(err))
		return startStatus(err)
	}
	return s.run()
}
