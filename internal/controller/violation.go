package controller

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

const sayOutOfRange = "PG::NumericValueOutOfRange: ERROR:  integer out of range\n"

const sayNull = "string contains null byte"

// A violation is an error of the platform's database.
type violation struct {
	sentence string
	hidden   bool
}

// violationsOf returns what the database rejects about a sidecar, in the order of its checks. It
// checks nothing more for a droplet's sidecar, so that a negative memory passes (CF-37).
func violationsOf(p launch.Process, types []TypeName) []violation {
	var all []violation
	var invalid []string
	if blank(p.Type) {
		invalid = append(invalid, "name presence")
	}
	if blank(p.Command) {
		invalid = append(invalid, "command presence")
	}
	if utf8.RuneCountInString(p.Type) > sidecar.MaxNameLength {
		invalid = append(invalid, "Name is too long (maximum is 255 characters)")
	}
	if utf8.RuneCountInString(p.Command) > sidecar.MaxCommandLength {
		invalid = append(invalid, "Command is too long (maximum is 4096 characters)")
	}
	if invalid != nil {
		all = append(all, violation{sentence: strings.Join(invalid, ", ")})
	}
	if strings.Contains(p.Type+p.Command, "\x00") {
		all = append(all, violation{sayNull, true})
	}
	if memory.Size(p.Memory) > memory.Max || memory.Size(p.Memory) < -memory.Max-1 {
		all = append(all, violation{sayOutOfRange, true})
	}
	for i, t := range types {
		all = append(all, t.violations(types[:i])...)
	}
	return all
}

func (t TypeName) violations(before []TypeName) []violation {
	switch {
	case t.Null:
		return []violation{{sentence: "type presence, type is not present"}}
	case blank(t.Text):
		return []violation{{sentence: "type presence"}}
	case utf8.RuneCountInString(t.Text) > sidecar.MaxProcessTypeLength:
		return []violation{{sentence: "Process type is too long (maximum is 255 characters)"}}
	case strings.Contains(t.Text, "\x00"):
		return []violation{{sayNull, true}}
	case slices.Contains(before, t):
		return []violation{{sentence: "sidecar_guid and type Sidecar is already associated with process type " + t.Text}}
	default:
		return nil
	}
}

// blank reports whether the platform's models consider a text blank.
func blank(text string) bool {
	return strings.TrimFunc(text, unicode.IsSpace) == ""
}

// findsNull reports whether a database query would contain a NUL byte.
func findsNull(types []TypeName) bool {
	return slices.ContainsFunc(types, func(t TypeName) bool { return strings.Contains(t.Text, "\x00") })
}
