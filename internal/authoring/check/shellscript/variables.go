package shellscript

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// platformVariables are variables that the platform sets for each process, and relies on (CF-14,
// CF-22, CF-24, CF-25, CF-43).
var platformVariables = []string{"PORT", "VCAP_APP_PORT", "VCAP_APP_HOST", "VCAP_APPLICATION", "VCAP_SERVICES", "VCAP_PLATFORM_OPTIONS", "MEMORY_LIMIT", "HOME", "DEPS_DIR", "USER",
	"INSTANCE_GUID", "INSTANCE_INDEX", "SERVICE_BINDING_ROOT", "VCAP_SERVICES_FILE_PATH"}

// sharedVariables are variables to which app, buildpacks and operator add values.
var sharedVariables = []string{"PATH", "LD_LIBRARY_PATH", "JAVA_OPTS", "JAVA_TOOL_OPTIONS", "NODE_OPTIONS", "RUBYOPT", "RUBYLIB", "PYTHONPATH", "CLASSPATH", "PERL5LIB", "NODE_PATH", "CPATH", "LIBRARY_PATH", "PKG_CONFIG_PATH", "LD_PRELOAD", "MANPATH"}

func isPlatform(name string) bool {
	return slices.Contains(platformVariables, name) || strings.HasPrefix(name, "CF_INSTANCE_")
}

func (v *visitor) assignments(all []*syntax.Assign) {
	for _, assign := range all {
		if assign.Name == nil || assign.Naked {
			continue
		}
		name, line := assign.Name.Value, int(assign.Pos().Line())
		reads := readsIn(assign.Value)
		switch {
		case v.empty[name] || keepsValue(name, assign.Value):
		case isPlatform(name):
			v.Platform = append(v.Platform, Problem{line, name + "="})
		case slices.Contains(sharedVariables, name) && !assign.Append && !reads[name] && !v.derived(reads):
			v.Replaced = append(v.Replaced, Problem{line, fmt.Sprintf("%s= without $%s in it", name, name)})
		}
		if len(reads) > 0 {
			v.own[name] = true
		}
		v.saved[name] = len(v.Directory) == 0 && readsDirectory(assign.Value)
		if name == "IFS" {
			v.set.separator(line, len(reads) == 0 && !isDefaultSeparator(assign.Value))
		}
	}
}

// isDefaultSeparator reports whether a value of IFS is that of a new shell: blank, tab and line feed.
func isDefaultSeparator(value *syntax.Word) bool {
	characters := []rune(strings.NewReplacer(`\t`, "\t", `\n`, "\n").Replace(literal(value)))
	slices.Sort(characters)
	return string(characters) == "\t\n "
}

// given checks variables that a command sets without an assignment.
func (v *visitor) given(command string, line int, names ...string) {
	for _, name := range names {
		if isPlatform(name) && !v.empty[name] {
			v.Platform = append(v.Platform, Problem{line, command + " " + name})
		}
	}
}

// unset checks variables that a script removes.
func (v *visitor) unset(line int, names []string) {
	for _, name := range names {
		switch {
		case name == "-f":
			return
		case name == "IFS":
			v.set.separator(line, false)
		case slices.Contains(sharedVariables, name):
			v.Replaced = append(v.Replaced, Problem{line, "unset " + name})
		default:
			v.given("unset", line, name)
		}
	}
}

// declaration checks export, declare, typeset and readonly. In a function, the middle ones declare
// local variables.
func (v *visitor) declaration(c *syntax.DeclClause) {
	kind := c.Variant.Value
	global := kind == "export" || kind == "readonly" || v.calls == 0 && (kind == "declare" || kind == "typeset")
	if !global {
		return
	}
	v.assignments(c.Args)
	if kind != "readonly" {
		return
	}
	for _, assign := range c.Args {
		if assign.Naked && assign.Name != nil && slices.Contains(sharedVariables, assign.Name.Value) {
			v.Replaced = append(v.Replaced, Problem{int(assign.Pos().Line()), "readonly " + assign.Name.Value + ", so that no later script can add to it"})
		}
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
