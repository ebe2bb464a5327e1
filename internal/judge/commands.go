package judge

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/executable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// Commands checks the commands of sidecars that install no program of their own, to find those that
// will not start.
type Commands struct {
	// App contains the app's files.
	App fs.FS
	// Modes says that the app's files have the modes that they will have at the start.
	Modes bool
	// Path are the directories to search for programs by name; if it is empty, programs
	// are not searched for.
	Path []string
	// Last says that no other buildpack follows, which might install programs.
	Last bool
}

// warnings says for each sidecar why its command will fail, as far as is known: later buildpacks,
// and the app's .profile, may still change that. It also warns about a reservation that is too
// small for Node.js.
func (c Commands) warnings(sidecars []sidecar.Definition) []string {
	var brought []string
	for _, d := range sidecars {
		if name := d.Package.Name(); name != "" {
			brought = append(brought, name)
		}
	}
	var warnings []string
	for _, d := range sidecars {
		if d.Command == "" {
			continue
		}
		if problem := c.problem(d, brought); problem != "" {
			warnings = append(warnings, fmt.Sprintf("The command of sidecar %s may not run: %s", printable.Name(d.Name), problem))
		}
		if warning := c.nodeWarning(d); warning != "" {
			warnings = append(warnings, warning)
		}
	}
	return warnings
}

func (c Commands) problem(d sidecar.Definition, brought []string) string {
	words := firstCommand(d.Command)
	if len(words) == 0 {
		return ""
	}
	name := words[0]
	switch {
	case path.IsAbs(name) && len(c.Path) > 0 && isMissing(name):
		return fmt.Sprintf("found no file %s; expected a program of the stack", printable.Name(name))
	case strings.Contains(name, "/"):
		return c.fileProblem(inApp(d.Supervision.WorkDir, name), name, true)
	case slices.Contains(shells, name) && len(words) > 1 && !strings.HasPrefix(words[1], "-"):
		return c.fileProblem(inApp(d.Supervision.WorkDir, words[1]), words[1], false)
	case slices.Contains(brought, name), slices.Contains(builtins, name), c.finds(name):
		return ""
	}
	if file := inApp(d.Supervision.WorkDir, name); file != "" {
		if info, err := fs.Stat(c.App, file); err == nil && info.Mode().IsRegular() {
			return fmt.Sprintf("found a file %s in the app, and no program of this name on PATH; expected ./%[1]s", printable.Name(name))
		}
	}
	return fmt.Sprintf("found no program %s on PATH; expected one of the stack, of a buildpack of the push or, with its path, of the app", printable.Name(name))
}

// fileProblem checks a file of the app that a command runs, directly or with a shell. name is how
// the command refers to it. An empty file is outside the app.
func (c Commands) fileProblem(file, name string, itself bool) string {
	if file == "" {
		return ""
	}
	info, err := fs.Stat(c.App, file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && (c.Last || !isBuilt(file)):
		return fmt.Sprintf("found no file %s in the app; expected the program there, unless a buildpack that follows makes it", printable.Name(name))
	case err != nil:
		return "" // for example a link to where it will be
	case info.IsDir():
		return fmt.Sprintf("found a directory %s; expected a program", printable.Name(name))
	case !info.Mode().IsRegular():
		return ""
	}
	program, err := inspect(c.App, file)
	var wrong *executable.Error
	switch {
	case errors.As(err, &wrong) && (itself || !wrong.Uncertain):
		return fmt.Sprintf("%s: %s", printable.Name(name), wrong)
	case err != nil || !itself:
		return ""
	case c.Modes && info.Mode()&0o111 == 0:
		return fmt.Sprintf("found %s without permission to execute it; expected chmod +x, or the interpreter in the command", printable.Name(name))
	}
	if missing := missingInterpreter(program); missing != "" {
		return fmt.Sprintf("%s: found the interpreter %q, which is not here; expected one of the stack%s", printable.Name(name), missing, muslAdvice(missing))
	}
	if program.Lookup != "" && !c.finds(program.Lookup) {
		return fmt.Sprintf("%s: found no program %s on PATH, which its first line asks for; expected one of the stack or of a buildpack", printable.Name(name), printable.Name(program.Lookup))
	}
	return ""
}

// isBuilt reports whether buildpacks fill a directory.
func isBuilt(file string) bool {
	first, _, _ := strings.Cut(file, "/")
	return slices.Contains([]string{"bin", "build", "dist", "node_modules", "target", "vendor", ".java-buildpack", ".venv"}, first)
}
