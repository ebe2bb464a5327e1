package standin

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/cloudfoundry/libbuildpack"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/shell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A Phase runs one of a stand-in's programs.
type Phase struct {
	Root     string // the stand-in's directory
	Settings Settings
	Environ  []string
	Log      *libbuildpack.Logger
	Stdout   io.Writer
}

// startFile passes the start command from finalize to release, which only gets the app.
const startFile = "start-command"

// Detect reports whether the buildpack would accept the app.
func (p Phase) Detect(buildDir string) (language string, accepted bool, err error) {
	s, err := p.supplier(buildDir, "", "")
	if err != nil {
		return "", false, err
	}
	defer s.root.Close()
	return s.buildpack.language, p.Settings.Accept || s.buildpack.accepts(s.app()), nil
}

// Supply finds the language on this machine and prepares the app for it.
func (p Phase) Supply(buildDir, depsDir, index string) error {
	s, err := p.supplier(buildDir, depsDir, index)
	if err != nil {
		return err
	}
	defer s.root.Close()
	name := s.buildpack.Name
	s.found, err = s.buildpack.runtime.find(s.app(), buildDir, s.environ)
	if err != nil {
		return fmt.Errorf("%s is not on this machine, and neither is %s, which would take its place: %w. Install it, or name the buildpack itself, with %s",
			name, s.buildpack.runtime.title, err, insteadOf(name))
	}
	s.announce()
	if err := os.WriteFile(filepath.Join(s.dep, "config.yml"), fmt.Appendf(nil, "name: %s\nversion: %q\n", s.buildpack.language, s.found.version), 0o644); err != nil {
		return fmt.Errorf("failed to describe the stand-in: %w", err)
	}
	p.warnOfUnread(s, depsDir)
	if s.buildpack.supply != nil {
		if err := s.buildpack.supply(s); err != nil {
			return fmt.Errorf("failed to prepare the app for %s: %w", s.buildpack.runtime.title, err)
		}
	}
	return s.writeProfile()
}

// announce logs on one line what the app runs with.
func (s *supplier) announce() {
	with := "what is installed here"
	if s.found.path != "" {
		with = s.found.in(s.buildpack.runtime.title)
	}
	s.log.BeginStep("%s is not on this machine: the app runs with %s instead", s.buildpack.Name, with)
}

// insteadOf returns the flag with which to use the buildpack itself.
func insteadOf(name string) string {
	return fmt.Sprintf("--buildpack-for %s=DIRECTORY, a zip or a git URL", name)
}

// writeProfile writes the script that every process sources. It prepends a program's directory to
// PATH if PATH does not lead to it, or only through a version manager.
func (s *supplier) writeProfile() error {
	lines := s.lines
	if s.found.path != "" && !s.found.onPath {
		lines = append([]string{"export PATH=" + shell.Word(filepath.Dir(s.found.path)) + `:"$PATH"`}, lines...)
	}
	if len(lines) == 0 {
		return nil
	}
	directory := filepath.Join(s.dep, "profile.d")
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return fmt.Errorf("failed to write the profile script: %w", err)
	}
	if err := os.WriteFile(filepath.Join(directory, s.buildpack.language+".sh"), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		return fmt.Errorf("failed to write the profile script: %w", err)
	}
	return nil
}

// warnOfUnread warns if the app has sidecars, but no buildpack of the push reads them, also none
// that comes later.
func (p Phase) warnOfUnread(s *supplier, depsDir string) {
	if !s.app().has(sidecar.FileName) || len(family.Siblings(p.Root)) > 0 {
		return
	}
	if made, _ := filepath.Glob(filepath.Join(depsDir, "*", "sidecar-buildpack.yml")); len(made) == 0 {
		s.log.Warning("%s is not read: the push has no sidecar buildpack. Push with -b sidecar_buildpack -b %s.", sidecar.FileName, s.buildpack.Name)
	}
}

// Finalize makes the launch environment of all buildpacks of the push, compiles the app if
// necessary, and decides the default start command.
func (p Phase) Finalize(arguments []string) error {
	buildDir, depsDir, index := arguments[0], arguments[2], arguments[3]
	s, err := p.supplier(buildDir, depsDir, index)
	if err != nil {
		return err
	}
	defer s.root.Close()
	stager := libbuildpack.NewStager(arguments, p.Log, &libbuildpack.Manifest{})
	if err := stager.SetLaunchEnvironment(); err != nil {
		return fmt.Errorf("failed to write the launch environment: %w", err)
	}
	if s.buildpack.build != nil {
		if s.found, err = s.buildpack.runtime.find(s.app(), buildDir, s.environ); err != nil {
			return err
		}
		if err := s.buildpack.build(s); err != nil {
			return fmt.Errorf("failed to build the app: %w", err)
		}
	}
	return p.decideStart(s)
}

// decideStart writes the default start command for release. The app's own command takes precedence.
// If the app has none, and only the real buildpack would have one, staging fails.
func (p Phase) decideStart(s *supplier) error {
	command := s.command
	if command == "" {
		var err error
		command, err = s.buildpack.start(s.app())
		own, procfileErr := p.hasCommand(s)
		switch {
		case procfileErr != nil:
			return procfileErr
		case err != nil && !own:
			return fmt.Errorf("%s is not on this machine, and there is no stand-in for it: it %w. State a command (a line web: of the Procfile, command: in the manifest or -c), or name the buildpack itself, with %s",
				s.buildpack.Name, err, insteadOf(s.buildpack.Name))
		case err == nil && command == "" && !own:
			s.log.Warning("No start command found: %s has none for this app. Unless the manifest or -c states one, the app will not start: add a Procfile with a line web: COMMAND.", s.buildpack.Name)
		}
	}
	if err := os.WriteFile(filepath.Join(p.Root, startFile), []byte(command), 0o644); err != nil {
		return fmt.Errorf("failed to remember the start command: %w", err)
	}
	return nil
}

// hasCommand reports whether the app sets its own start command.
func (p Phase) hasCommand(s *supplier) (bool, error) {
	if p.Settings.Command {
		return true, nil
	}
	processes, err := launch.ReadProcfile(s.app().Files)
	for _, process := range processes {
		if process.Type == launch.WebProcess && process.Command != "" {
			return true, nil
		}
	}
	return false, err
}

// Release returns the YAML with the default start command, as the lifecycle reads it (CF-09).
func (p Phase) Release() ([]byte, error) {
	command, err := os.ReadFile(filepath.Join(p.Root, startFile))
	if err != nil {
		return nil, errors.New("finalize has not run")
	}
	types := map[string]string{}
	if len(command) > 0 {
		types[launch.WebProcess] = string(command)
	}
	return yaml.Marshal(map[string]map[string]string{"default_process_types": types})
}

func (p Phase) supplier(buildDir, depsDir, index string) (*supplier, error) {
	buildpack, ok := Find(p.Settings.Buildpack)
	if !ok {
		return nil, fmt.Errorf("there is no stand-in for %q", p.Settings.Buildpack)
	}
	root, err := os.OpenRoot(buildDir)
	if err != nil {
		return nil, fmt.Errorf("failed to open the app: %w", err)
	}
	return &supplier{
		buildpack: buildpack, build: buildDir, dep: filepath.Join(depsDir, index), index: index,
		environ: p.Environ, log: p.Log, stdout: p.Stdout, root: root,
	}, nil
}
