package judge

import (
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// optionLists are variables to which limitsScript adds a limit, and keeps the rest of their value.
// wholeLimits are variables that contain nothing but a limit: setting one sets a limit.
var (
	optionLists = []string{"JAVA_TOOL_OPTIONS", "NODE_OPTIONS"}
	wholeLimits = []string{"DOTNET_GCHeapHardLimit", "GOMEMLIMIT"}
)

// runtimeSize matches options that set a size, so that there is no limit to preserve.
var runtimeSize = regexp.MustCompile(`-Xmx|-XX:MaxHeapSize|-XX:MaxRAM|max[-_](?:old[-_]space|heap)[-_]size`)

// maxProfile limits how much of an app's profile script is read, in bytes.
const maxProfile = 256 << 10

// overriddenLimits lists the lines in the app's own scripts that remove a language runtime's limit,
// each with the remedy. It quotes no value.
func overriddenLimits(app fs.FS) []string {
	scripts, _ := fs.Glob(app, ".profile.d/*") // the pattern is valid
	p := ownScripts{files: app, seen: map[string]bool{}}
	for _, name := range append(scripts, ".profile") {
		p.read(name)
	}
	return p.warnings
}

// ownScripts collects what the app's own scripts, and those that they source, do to the limits.
type ownScripts struct {
	files    fs.FS
	seen     map[string]bool
	warnings []string
}

// An ownScript is one of them.
type ownScript struct {
	*ownScripts
	name string
	// values has all values that each variable is set to in the script.
	values map[string][]*syntax.Word
}

// read reads a script. A script that cannot be read, or that bash would reject, has no effect.
func (p *ownScripts) read(name string) {
	if p.seen[name] {
		return
	}
	p.seen[name] = true
	file, err := p.files.Open(name)
	if err != nil {
		return
	}
	defer file.Close() // it was only read
	content, err := io.ReadAll(io.LimitReader(file, maxProfile))
	if err != nil {
		return
	}
	script := ownScript{ownScripts: p, name: name, values: map[string][]*syntax.Word{}}
	var statements []*syntax.Stmt
	// Everything before a syntax error counts: bash runs commands one by one.
	_ = syntax.NewParser(syntax.Variant(syntax.LangBash)).Stmts(strings.NewReader(strings.ReplaceAll(string(content), "\r\n", "\n")), func(s *syntax.Stmt) bool {
		statements = append(statements, s)
		return true
	})
	for _, visit := range []func(syntax.Node) bool{script.collect, script.judge} {
		for _, s := range statements {
			syntax.Walk(s, visit)
		}
	}
}

// collect records the values that variables are set to.
func (s ownScript) collect(node syntax.Node) bool {
	if a, ok := node.(*syntax.Assign); ok && a.Name != nil && a.Value != nil {
		s.values[a.Name.Value] = append(s.values[a.Name.Value], a.Value)
	}
	return true
}

// judge warns about effects of a command on the shell's own variables; commands in another process
// have none.
func (s ownScript) judge(node syntax.Node) bool {
	switch n := node.(type) {
	case *syntax.Subshell, *syntax.CmdSubst, *syntax.ProcSubst:
		return false
	case *syntax.Stmt:
		return !n.Background
	case *syntax.BinaryCmd:
		return n.Op != syntax.Pipe && n.Op != syntax.PipeAll
	case *syntax.DeclClause:
		for _, a := range n.Args {
			s.assigned(a)
		}
		s.unexported(n)
	case *syntax.CallExpr:
		if len(n.Args) == 0 { // before a command, they only apply to that command
			for _, a := range n.Assigns {
				s.assigned(a)
			}
			return true
		}
		s.called(n)
	case *syntax.ParamExp:
		s.defaulted(n)
	}
	return true
}

// assigned handles NAME=VALUE, alone or after export and similar builtins.
func (s ownScript) assigned(a *syntax.Assign) {
	if a.Name == nil || a.Naked || a.Append || !slices.Contains(optionLists, a.Name.Value) {
		return
	}
	if a.Value != nil && s.keeps(a.Value, a.Name.Value, nil) {
		return
	}
	s.warn(a.Pos(), "replaces", a.Name.Value, `expected %[1]s="$%[1]s …", or a size in it`)
}

// keeps reports whether a value contains the variable's previous value, or a size, directly or by
// way of another variable.
func (s ownScript) keeps(value *syntax.Word, name string, by []string) bool {
	if runtimeSize.MatchString(text(value)) {
		return true
	}
	kept := false
	syntax.Walk(value, func(node syntax.Node) bool {
		used, ok := node.(*syntax.ParamExp)
		switch {
		case !ok || used.Param == nil || slices.Contains(by, used.Param.Value):
		case used.Param.Value == name:
			kept = true
		default:
			for _, other := range s.values[used.Param.Value] {
				kept = kept || s.keeps(other, name, append(by, used.Param.Value))
			}
		}
		return !kept
	})
	return kept
}

// called handles builtins that set variables, and scripts that the script sources.
func (s ownScript) called(call *syntax.CallExpr) {
	var words []string
	for _, word := range call.Args {
		words = append(words, word.Lit())
	}
	for len(words) > 1 && (words[0] == "builtin" || words[0] == "command") {
		words = words[1:]
	}
	name, args := words[0], words[1:]
	known := func(names []string, verb, want string) {
		for _, arg := range args {
			if slices.Contains(names, arg) {
				s.warn(call.Pos(), verb, arg, want)
			}
		}
	}
	switch {
	case name == "unset":
		known(slices.Concat(optionLists, wholeLimits), "removes", "expected it to stay, or a size in the command")
	case name == "read", name == "printf" && len(args) > 1 && args[0] == "-v":
		if name == "printf" {
			args = args[1:2]
		}
		for _, word := range call.Args {
			if s.keeps(word, args[0], nil) {
				return
			}
		}
		known(optionLists, "replaces", `expected %[1]s="$%[1]s …", or a size in it`)
	case (name == "." || name == "source") && len(args) > 0:
		s.source(call.Args[len(call.Args)-len(args)])
	}
}

// source reads a script of the app that this script sources from the app's directory.
func (s ownScript) source(word *syntax.Word) {
	path := strings.Trim(text(word), `"'`)
	if file := inApp("", path); file != "" {
		s.read(file)
	}
}

// unexported handles export -n and declare +x.
func (s ownScript) unexported(d *syntax.DeclClause) {
	hidden := false
	for _, a := range d.Args {
		if a.Name == nil && a.Value != nil {
			flag := a.Value.Lit()
			hidden = hidden || d.Variant.Value == "export" && flag == "-n" || flag == "+x"
		}
	}
	for _, a := range d.Args {
		if hidden && a.Name != nil && slices.Contains(slices.Concat(optionLists, wholeLimits), a.Name.Value) {
			s.warn(a.Pos(), "removes", a.Name.Value, "expected it to stay exported, or a size in the command")
		}
	}
}

// defaulted handles ${NAME:=VALUE} and similar expansions: limitsScript leaves the variable unset
// for these.
func (s ownScript) defaulted(p *syntax.ParamExp) {
	if p.Param == nil || p.Exp == nil || p.Exp.Word == nil || !slices.Contains(optionLists, p.Param.Value) {
		return
	}
	switch p.Exp.Op {
	case syntax.AssignUnset, syntax.AssignUnsetOrNull, syntax.DefaultUnset, syntax.DefaultUnsetOrNull:
	default:
		return
	}
	if word := text(p.Exp.Word); word == "" || runtimeSize.MatchString(word) {
		return
	}
	s.add(fmt.Sprintf(`%s:%d sets %s only where it is not set, so that it is left without the memory limit for the app and the sidecars; expected %[3]s="${%[3]s:-} …", or a size in it`,
		printable.Name(s.name), p.Pos().Line(), p.Param.Value))
}

// warn says what a line does to a variable, and what would be right.
func (s ownScript) warn(at syntax.Pos, verb, variable, want string) {
	if strings.Contains(want, "%") {
		want = fmt.Sprintf(want, variable)
	}
	s.add(fmt.Sprintf("%s:%d %s %s, and with it the memory limit of the app and of the sidecars without a supervisor; %s",
		printable.Name(s.name), at.Line(), verb, variable, want))
}

func (s ownScript) add(warning string) {
	if !slices.Contains(s.warnings, warning) {
		s.warnings = append(s.warnings, warning)
	}
}
