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
	pathEnds    = []string{"PATH"}
	optionEnds  = []string{"_OPTIONS", "_OPTS", "FLAGS"}
	pathLists   = []string{"LD_PRELOAD", "PERL5LIB", "PERLLIB", "RUBYLIB", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS"}
	optionLists = []string{"PERL5OPT", "RUBYOPT"}
)

// attributeList is the list of OpenTelemetry's attributes.
const attributeList = "OTEL_RESOURCE_ATTRIBUTES"

// SeparatedNames is the regular expression of the names that have a Separator.
func SeparatedNames() string {
	names := slices.Concat(pathLists, optionLists, []string{attributeList})
	return "(" + strings.Join(slices.Concat(pathEnds, optionEnds), "|") + ")$|^(" + strings.Join(names, "|") + ")$"
}

// Separator is the separator of a variable's items, by its name: a colon in lists of
// paths, a blank between options, a comma between OpenTelemetry's attributes. It is empty for
// any other variable.
func Separator(name string) string {
	ends := func(ends []string) bool {
		return slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(name, end) })
	}
	switch {
	case ends(pathEnds) || slices.Contains(pathLists, name):
		return ":"
	case ends(optionEnds) || slices.Contains(optionLists, name):
		return " "
	case name == attributeList:
		return ","
	default:
		return ""
	}
}
