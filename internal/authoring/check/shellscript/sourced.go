package shellscript

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Effects are a script's effects on the shell that sources it (CF-15). Commands in a subshell or in
// a function's body have none.
type Effects struct {
	Options   []Problem // set -e and the like
	Exits     []Problem // except those with a failure's status, under a condition
	Execs     []Problem // with a program, which replaces the shell
	Directory []Problem
	Platform  []Problem // assignments to variables that the platform sets
	Replaced  []Problem // assignments that drop a variable's value from elsewhere
}

// endingOptions are options that end a shell, or change how later scripts run.
var endingOptions = []string{"errexit", "nounset", "pipefail", "noglob", "noexec", "privileged", "posix"}

// Sourced finds the effects of sourcing a script.
func Sourced(file *syntax.File) Effects {
	v := &visitor{own: map[string]bool{}, saved: map[string]bool{}}
	v.stmts(file.Stmts)
	return v.Effects
}

type visitor struct {
	Effects
	own map[string]bool // variables whose value comes from other ones
	// conditions is the number of conditions around the visited statement.
	conditions int
	// empty are the variables that are empty or unset at the visited statement.
	empty map[string]bool
	// saved are the variables with the directory in which the script began.
	saved map[string]bool
}

// stmts visits statements of the sourcing shell, up to the first that returns.
func (v *visitor) stmts(all []*syntax.Stmt) {
	for _, stmt := range all {
		v.command(stmt.Cmd)
		if returns(stmt) {
			return
		}
	}
}

// conditional visits statements under a condition, in which these variables are empty.
func (v *visitor) conditional(all []*syntax.Stmt, empty map[string]bool) {
	before := v.empty
	v.empty = empty
	v.conditions++
	v.stmts(all)
	v.conditions--
	v.empty = before
}

func (v *visitor) command(command syntax.Command) {
	switch c := command.(type) {
	case *syntax.CallExpr:
		v.call(c)
	case *syntax.DeclClause:
		if c.Variant.Value == "export" || c.Variant.Value == "declare" {
			v.assignments(c.Args)
		}
	case *syntax.Block:
		v.stmts(c.Stmts)
	case *syntax.IfClause:
		for ; c != nil; c = c.Else {
			v.stmts(c.Cond)
			empty, _ := emptyIn(c.Cond)
			v.conditional(c.Then, empty)
		}
	case *syntax.WhileClause:
		v.stmts(c.Cond)
		v.stmts(c.Do)
	case *syntax.ForClause:
		v.stmts(c.Do)
	case *syntax.CaseClause:
		for _, item := range c.Items {
			v.conditional(item.Stmts, nil)
		}
	case *syntax.BinaryCmd:
		if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
			return // each part runs in a subshell
		}
		v.command(c.X.Cmd)
		if returns(c.X) || c.Op == syntax.OrStmt && succeedsOrReturns(c.X) {
			return
		}
		empty, unless := emptyIn([]*syntax.Stmt{c.X})
		if c.Op == syntax.OrStmt {
			empty = unless
		}
		v.conditional([]*syntax.Stmt{c.Y}, empty)
	case *syntax.TimeClause:
		if c.Stmt != nil {
			v.command(c.Stmt.Cmd)
		}
	}
}

func (v *visitor) call(call *syntax.CallExpr) {
	if len(call.Args) == 0 {
		v.assignments(call.Assigns)
		return
	}
	said := words(call)
	line := int(call.Pos().Line())
	switch name := said[0]; name {
	case "set":
		if options := setOptions(said[1:]); options != "" {
			v.Options = append(v.Options, Problem{line, "set " + options})
		}
	case "exit":
		if v.conditions > 0 && len(said) > 1 && said[1] != "0" {
			return // it ends the process if something has failed, on purpose
		}
		v.Exits = append(v.Exits, Problem{line, strings.TrimSpace("exit " + strings.Join(said[1:], " "))})
	case "exec":
		if len(said) > 1 {
			v.Execs = append(v.Execs, Problem{line, "exec " + said[1]})
		}
	case "cd", "pushd", "popd":
		v.Directory = afterChange(v.Directory, v.saved, name, call.Args[1:], line)
	case "builtin", "command":
		if len(said) > 1 && said[1] == "cd" {
			v.Directory = afterChange(v.Directory, v.saved, "cd", call.Args[2:], line)
		}
	}
}

// setOptions returns the options of a set command that harm the sourcing shell.
func setOptions(arguments []string) string {
	var harmful []string
	for i, argument := range arguments {
		if argument == "--" || !strings.HasPrefix(argument, "-") {
			continue
		}
		letters := strings.TrimPrefix(argument, "-")
		named := strings.HasSuffix(letters, "o") && i+1 < len(arguments) && slices.Contains(endingOptions, arguments[i+1])
		if strings.ContainsAny(strings.TrimSuffix(letters, "o"), "eufnp") || named {
			harmful = append(harmful, argument)
			if named {
				harmful = append(harmful, arguments[i+1])
			}
		}
	}
	return strings.Join(harmful, " ")
}

// platformVariables are variables that the platform sets for each process, and relies on (CF-14,
// CF-22, CF-24, CF-25, CF-43).
var platformVariables = []string{"PORT", "VCAP_APP_PORT", "VCAP_APP_HOST", "VCAP_APPLICATION", "VCAP_SERVICES", "VCAP_PLATFORM_OPTIONS", "MEMORY_LIMIT", "HOME", "DEPS_DIR", "USER",
	"INSTANCE_GUID", "INSTANCE_INDEX", "SERVICE_BINDING_ROOT", "VCAP_SERVICES_FILE_PATH"}

// sharedVariables are variables to which app, buildpacks and operator add values.
var sharedVariables = []string{"PATH", "LD_LIBRARY_PATH", "JAVA_OPTS", "JAVA_TOOL_OPTIONS", "NODE_OPTIONS", "RUBYOPT", "RUBYLIB", "PYTHONPATH", "CLASSPATH", "PERL5LIB", "NODE_PATH", "CPATH", "LIBRARY_PATH", "PKG_CONFIG_PATH", "LD_PRELOAD", "MANPATH"}

func (v *visitor) assignments(all []*syntax.Assign) {
	for _, assign := range all {
		if assign.Name == nil || assign.Naked {
			continue
		}
		name, line := assign.Name.Value, int(assign.Pos().Line())
		reads := readsIn(assign.Value)
		switch {
		case v.empty[name] || keepsValue(name, assign.Value):
		case slices.Contains(platformVariables, name) || strings.HasPrefix(name, "CF_INSTANCE_"):
			v.Platform = append(v.Platform, Problem{line, name + "="})
		case slices.Contains(sharedVariables, name) && !assign.Append && !reads[name] && !v.derived(reads):
			v.Replaced = append(v.Replaced, Problem{line, fmt.Sprintf("%s= without $%s in it", name, name)})
		}
		if len(reads) > 0 {
			v.own[name] = true
		}
		v.saved[name] = len(v.Directory) == 0 && readsDirectory(assign.Value)
	}
}

// derived reports whether a value comes from another variable of the script, or from a command: it
// may contain the old one.
func (v *visitor) derived(reads map[string]bool) bool {
	for read := range reads {
		if v.own[read] || read == "$(" {
			return true
		}
	}
	return false
}

// readsIn returns the variables that a word expands; "$(" means a command's output.
func readsIn(word *syntax.Word) map[string]bool {
	reads := map[string]bool{}
	if word == nil {
		return reads
	}
	syntax.Walk(word, func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.ParamExp:
			reads[n.Param.Value] = true
		case *syntax.CmdSubst:
			reads["$("] = true
		}
		return true
	})
	return reads
}
