package judge

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// The package managers of Node.js start a program in a shell of their own. On SIGTERM they end that
// shell and themselves, and the program gets no signal. If exec has replaced the shell by the
// program, those in passesOn forward the signal to it, and wait.
var (
	packageManagers = []string{"npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg"}
	passesOn        = []string{"npm", "pnpm"}
)

// nodeLanguage is the language of the Node.js buildpack, and nodeCommand the command with which it
// starts an app that has none (nodejs-buildpack, bin/release).
const (
	nodeLanguage = "nodejs"
	nodeCommand  = "npm start"
)

// stopWarnings warns about sidecars that are to outlive an app whose end cannot be observed because
// a package manager starts it. commands are the app's by process type, as far as they are known.
func stopWarnings(app fs.FS, sidecars []sidecar.Definition, commands map[string]string) []string {
	var warnings []string
	for _, d := range sidecars {
		if !d.Supervision.StopAfterApp {
			continue
		}
		for _, t := range d.ProcessTypes {
			manager := swallows(app, commands[t])
			if manager == "" {
				continue
			}
			want := "the program itself as its command, such as node server.js"
			if slices.Contains(passesOn, manager) {
				want += `, or exec in front of it in the script in package.json, as in "start": "exec node server.js"`
			}
			warnings = append(warnings, fmt.Sprintf("The process %s is started by %s, which ends on SIGTERM at once and does not pass it on to the app. "+
				"So sidecar %s, with stop-after-app, stops as early, and the app is ended without having been told. Expected %s",
				printable.Name(t), manager, printable.Name(d.Name), want))
		}
	}
	return warnings
}

// swallows returns the package manager that a command starts the app with, or nothing if there is
// none, or if it forwards signals.
func swallows(app fs.FS, command string) string {
	all := calls(command)
	if len(all) == 0 {
		return ""
	}
	words := all[len(all)-1].words
	if !slices.Contains(packageManagers, words[0]) {
		return ""
	}
	if slices.Contains(passesOn, words[0]) && strings.HasPrefix(strings.TrimSpace(packageScript(app, words[1:])), "exec ") {
		return ""
	}
	return words[0]
}

// maxPackage limits how much of a package.json is read, in bytes.
const maxPackage = 1 << 20

// packageScript returns the script of package.json that a package manager runs with these
// arguments, or nothing.
func packageScript(app fs.FS, args []string) string {
	args = slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.HasPrefix(arg, "-") || arg == "run" || arg == "run-script" })
	content, err := regularfile.ReadFS(app, "package.json", maxPackage)
	if err != nil || len(args) == 0 {
		return ""
	}
	var document struct {
		Scripts map[string]string `json:"scripts"`
	}
	if json.Unmarshal(content, &document) != nil {
		return ""
	}
	return document.Scripts[args[0]]
}

// startCommands returns the app's commands by process type: those in its Procfile or in the case,
// or the Node.js buildpack's if that sets the start command.
func (c Case) startCommands(procfile []launch.Process) map[string]string {
	commands := map[string]string{}
	if slices.Contains(c.Starters, nodeLanguage) {
		commands[launch.WebProcess] = nodeCommand
	}
	for _, p := range procfile {
		commands[p.Type] = p.Command
	}
	maps.Copy(commands, c.Commands)
	return commands
}
