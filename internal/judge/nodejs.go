package judge

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

// The least resident memory of Node.js with the limits of limitsScript: its program and the
// smallest heap with which it serves requests (docs/memory.md has the measurements). Version 22 and
// newer need more.
const (
	leastNode   = 64 // MB
	leastNode22 = 80 // MB
)

// nodePrograms are node, and programs that run it.
var nodePrograms = []string{"node", "nodejs", "nodemon", "npm", "npx", "pnpm", "pnpx", "ts-node", "tsx", "yarn", "yarnpkg"}

// nodeWarning says that a sidecar's reservation is smaller than Node.js can use, or returns
// nothing.
func (c Commands) nodeWarning(d sidecar.Definition) string {
	if d.Memory <= 0 || d.Memory >= leastNode22 || !c.runsNode(d) {
		return ""
	}
	least := fmt.Sprintf("version 22 and newer of Node.js stay within %s and more; with one of these, reserve that much", memory.Size(leastNode22))
	if d.Memory < leastNode {
		least = fmt.Sprintf("Node.js stays within %s and more, version 22 and newer within %s and more; reserve that much", memory.Size(leastNode), memory.Size(leastNode22))
	}
	if d.EnforceMemory {
		least += ", or enforce-memory ends it again and again"
	}
	return fmt.Sprintf("Sidecar %s runs Node.js and reserves %s: %s", printable.Name(d.Name), d.Memory, least)
}

// runsNode reports whether a command visibly runs node, a program that runs it, or a script for it.
func (c Commands) runsNode(d sidecar.Definition) bool {
	if callsNode(d.Command) {
		return true
	}
	words := firstCommand(d.Command)
	if len(words) == 0 || !strings.Contains(words[0], "/") {
		return false
	}
	file := inApp(d.Supervision.WorkDir, words[0])
	if file == "" {
		return false
	}
	program, err := inspect(c.App, file)
	return err == nil && (program.Lookup == "node" || path.Base(program.Interpreter) == "node")
}

// callsNode reports whether one of the simple commands in a shell command is node, or runs it.
func callsNode(command string) bool {
	return slices.ContainsFunc(calls(command), func(one call) bool {
		if slices.Contains(shells, one.words[0]) && len(one.words) > 2 && one.words[1] == "-c" {
			return callsNode(one.words[2])
		}
		return slices.Contains(nodePrograms, one.words[0])
	})
}
