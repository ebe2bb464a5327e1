package shellscript

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// builtin visits a command that is not a function of the script.
func (v *visitor) builtin(call *syntax.CallExpr, line int, said []string) {
	switch name := said[0]; name {
	case "set":
		v.set.options(line, name, said[1:], v.conditions > 0)
	case "shopt":
		v.set.shopt(line, said[1:], v.conditions > 0)
	case "exit":
		v.exit(line, said[1:])
	case "kill":
		probes := slices.Contains(said, "-0") || len(said) > 2 && said[1] == "-s" && said[2] == "0"
		if !probes && v.conditions == 0 && slices.ContainsFunc(call.Args[1:], func(w *syntax.Word) bool { return expanded(w) == "$" }) {
			v.Exits = append(v.Exits, Problem{line, "kill $$"})
		}
	case "trap":
		if len(said) > 2 && strings.Contains(said[1], "exit") && slices.ContainsFunc(said[2:], func(s string) bool { return s == "ERR" || s == "DEBUG" }) {
			v.Exits = append(v.Exits, Problem{line, "trap '" + said[1] + "' " + strings.Join(said[2:], " ") + ", which holds for later scripts, too"})
		}
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
	case "unset":
		v.unset(line, said[1:])
	case "read":
		v.given(name, line, said[1:]...)
	case "printf":
		if len(said) > 2 && said[1] == "-v" {
			v.given("printf -v", line, said[2])
		}
	default:
		v.program(line, said)
	}
}

func (v *visitor) exit(line int, arguments []string) {
	if v.conditions > 0 && len(arguments) > 0 && arguments[0] != "0" {
		return // it ends the process if something has failed, on purpose
	}
	v.Exits = append(v.Exits, Problem{line, strings.TrimSpace("exit " + strings.Join(arguments, " "))})
}

// longSleep is a number of seconds, too many for a script to sleep when an app starts: the platform's health
// check gives up after 60 by default.
const longSleep = 60

// program checks calls of programs.
func (v *visitor) program(line int, said []string) {
	switch {
	case len(said) > 1 && said[1] == "=" && syntax.ValidName(said[0]):
		v.Syntax = append(v.Syntax, Problem{line, said[0] + " = …, which runs the program " + said[0] + ": an assignment has no blanks around ="})
	case said[0] == "sleep" && len(said) > 1 && isLong(said[1]),
		said[0] == "tail" && slices.ContainsFunc(said[1:], func(s string) bool { return s == "-f" || s == "-F" || s == "--follow" }):
		v.Blocks = append(v.Blocks, Problem{line, strings.Join(said[:2], " ")})
	}
}

func isLong(duration string) bool {
	if duration == "infinity" || duration == "inf" {
		return true
	}
	unit := 1.0
	switch {
	case strings.HasSuffix(duration, "m"), strings.HasSuffix(duration, "h"), strings.HasSuffix(duration, "d"):
		unit = longSleep
	}
	seconds, err := strconv.ParseFloat(strings.TrimRight(duration, "smhd"), 64)
	return err == nil && seconds*unit >= longSleep
}

// loop finds loops without an end: while true, without a way out. A function of the script may be one.
func (v *visitor) loop(c *syntax.WhileClause) {
	if len(c.Cond) != 1 {
		return
	}
	condition, ok := c.Cond[0].Cmd.(*syntax.CallExpr)
	if !ok {
		return
	}
	name := firstOf(condition.Args)
	endless := c.Until && name == "false" || !c.Until && (name == "true" || name == ":")
	for _, stmt := range c.Do {
		syntax.Walk(stmt, func(node syntax.Node) bool {
			if call, ok := node.(*syntax.CallExpr); ok {
				name := firstOf(call.Args)
				endless = endless && v.functions[name] == nil && !slices.Contains([]string{"break", "return", "exit", "exec", "kill"}, name)
			}
			return endless
		})
	}
	if endless {
		v.Blocks = append(v.Blocks, Problem{int(c.Pos().Line()), "an endless loop"})
	}
}

// redirected finds an exec that redirects the output of all that follows, the app's included.
func (v *visitor) redirected(stmt *syntax.Stmt) {
	call, ok := stmt.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) != 1 || firstOf(call.Args) != "exec" {
		return
	}
	for _, r := range stmt.Redirs {
		standard := r.N == nil || r.N.Value == "1" || r.N.Value == "2"
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrAll, syntax.AppAll, syntax.ClbOut:
			if standard {
				v.Execs = append(v.Execs, Problem{int(stmt.Pos().Line()), "exec " + r.Op.String() + literal(r.Word) + ", so that the app's output is not in its log"})
				return
			}
		case syntax.DplOut: // back to where it went before
			if standard && literal(r.Word) != "2" && literal(r.Word) != "1" && len(v.Execs) > 0 && literal(r.Word) != "-" {
				v.Execs = slices.DeleteFunc(v.Execs, func(p Problem) bool { return strings.HasSuffix(p.Found, "is not in its log") })
			}
		}
	}
}
