package appstart

import (
	"slices"
	"strings"
)

// How a variable's value is added to what the variable has already, once.
const (
	Append  = "append"  // behind it
	Prepend = "prepend" // in front of it
)

// pathLists and optionLists are the variables whose names do not end as those of most lists
// of their kind do.
var (
	pathLists   = []string{"LD_PRELOAD", "PERL5LIB", "PERLLIB", "RUBYLIB", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS"}
	optionLists = []string{"PERL5OPT", "RUBYOPT"}
)

// Separator is the separator of a variable's items, by its name: a colon in lists of
// paths, a blank between options, a comma between OpenTelemetry's attributes. It is empty for
// any other variable.
func Separator(name string) string {
	ends := func(ends ...string) bool {
		return slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(name, end) })
	}
	switch {
	case ends("PATH") || slices.Contains(pathLists, name):
		return ":"
	case ends("_OPTIONS", "_OPTS", "FLAGS") || slices.Contains(optionLists, name):
		return " "
	case name == "OTEL_RESOURCE_ATTRIBUTES":
		return ","
	default:
		return ""
	}
}
