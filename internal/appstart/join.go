package appstart

import (
	"slices"
	"strings"
)

// How to add to a variable's value, once.
const (
	Append  = "append"  // after it
	Prepend = "prepend" // before it
)

// pathLists and optionLists are variables whose names lack the usual suffix of their kind.
var (
	pathEnds    = []string{"PATH"}
	optionEnds  = []string{"_OPTIONS", "_OPTS", "FLAGS"}
	pathLists   = []string{"LD_PRELOAD", "PERL5LIB", "PERLLIB", "RUBYLIB", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS"}
	optionLists = []string{"PERL5OPT", "RUBYOPT"}
)

// attributeList has OpenTelemetry's attributes.
const attributeList = "OTEL_RESOURCE_ATTRIBUTES"

// SeparatedNames returns a regular expression for the names that have a Separator.
func SeparatedNames() string {
	names := slices.Concat(pathLists, optionLists, []string{attributeList})
	return "(" + strings.Join(slices.Concat(pathEnds, optionEnds), "|") + ")$|^(" + strings.Join(names, "|") + ")$"
}

// Separator returns the separator of a variable's items, by its name: a colon for lists of paths, a
// blank for options, a comma for OpenTelemetry's attributes, and "" for all others.
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
