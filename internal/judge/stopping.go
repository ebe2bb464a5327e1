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

// The package managers of Node.js start a program in a shell of their own. On SIGTERM they
// end that shell and themselves, and the program does not hear of it. Where the shell has
// become the program, by exec, those of passesOn hand the signal on to it, and wait.
var (
	packageManagers = []string{"npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg"}
	passesOn        = []string{"npm", "pnpm"}
)

// nodeLanguage is what the Node.js buildpack says that it is for, and nodeCommand what it
// starts an app with that has no command (nodejs-buildpack, bin/release).
const (
	nodeLanguage = "nodejs"
	nodeCommand  = "npm start"
)

// stopWarnings are of sidecars that are to outlive an app of whose end nothing can be
// known, since its start command is a package manager's. Commands are those of the app by
// process type, as far as they are known.
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

// swallows is the package manager that a command starts the app by, or empty where there
// is none, or one that passes signals on.
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

// maxPackage is the most that is read of a package.json, in bytes.
const maxPackage = 1 << 20

// packageScript is the script of package.json that a package manager runs with these
// arguments, or empty.
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

// startCommands are the app's commands by process type, as its Procfile or the case states
// them, or as the Node.js buildpack does where it makes the start command.
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
