package standin

import (
	"os"
	"path/filepath"
	"strings"
)

// python has no default start command (python-buildpack, bin/detect and bin/release).
var python = Buildpack{
	Name: "python_buildpack", language: "python",
	runtime: runtime{
		title: "Python", programs: []string{"python3", "python"},
		ask: []string{"-c", "import sys; print(sys.executable); print('.'.join(map(str, sys.version_info[:3])))"},
	},
	accepts: func(a App) bool { return a.has("requirements.txt", "setup.py", "environment.yml", "Pipfile") },
	start:   none,
	supply:  supplyPython,
}

// supplyPython gives the app both names of the interpreter, as the buildpack does, and installs the
// packages of requirements.txt that the machine does not have.
func supplyPython(s *supplier) error {
	for _, name := range []string{"python", "python3"} {
		if err := os.Symlink(s.found.path, filepath.Join(s.bin(), name)); err != nil {
			return err
		}
	}
	s.script("export PYTHONUNBUFFERED=1", "export PYTHONHASHSEED=${PYTHONHASHSEED:-random}", "export FORWARDED_ALLOW_IPS='*'")
	if base, err := s.output(s.found.path, "-c", "import site; print(site.getuserbase())"); err == nil {
		s.export("PYTHONUSERBASE", base) // HOME differs at launch
	}
	return s.installPackages()
}

// hasPackages reports whether pip would install nothing.
func (s *supplier) hasPackages() bool {
	output, err := s.output(s.found.path, "-m", "pip", "install", "--dry-run", "--no-index", "-r", "requirements.txt")
	return err == nil && !strings.Contains(output, "Would install")
}

// installPackages installs the missing packages of requirements.txt below the deps directory.
func (s *supplier) installPackages() error {
	a := s.app()
	switch {
	case !a.has("requirements.txt"):
		if a.has("Pipfile", "environment.yml") {
			s.log.Warning("The packages of this app are not installed: only those of a requirements.txt would be.")
		}
		return nil
	case s.hasPackages():
		s.log.Info("Packages: those of this machine")
		return nil
	case !s.silently(s.found.path, "-m", "pip", "--version"):
		s.log.Warning("The packages of requirements.txt are taken from this machine as far as they are here: it has no pip to install them.")
		return nil
	}
	s.script(
		"export PYTHONPATH="+s.atLaunch("python")+"${PYTHONPATH:+:$PYTHONPATH}",
		"export PATH="+s.atLaunch("python")+"/bin:$PATH",
	)
	return s.run(s.found.path, "-m", "pip", "install", "--disable-pip-version-check", "--target", filepath.Join(s.dep, "python"), "-r", "requirements.txt")
}
