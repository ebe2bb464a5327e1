package bindings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Selector selects a bound service. All fields that are not empty must match, in any case. The zero value
// selects none.
type Selector struct {
	// Any is the name of the binding or of the service instance, the label or a tag.
	Any string `json:"any,omitempty"`
	// Name is the name of the binding or of the service instance.
	Name  string `json:"name,omitempty"`
	Label string `json:"label,omitempty"`
	Tag   string `json:"tag,omitempty"`
}

// NotBoundError means that no bound service matches the selector.
type NotBoundError struct {
	Wanted string   // what the selector selects, see String
	Bound  []string // names of the bound services, sorted
}

func (e *NotBoundError) Error() string {
	if len(e.Bound) == 0 {
		return fmt.Sprintf("found no bound service; expected one with the %s", e.Wanted)
	}
	return fmt.Sprintf("found the bound services %s; expected one with the %s", quotedList(e.Bound), e.Wanted)
}

// AmbiguousError means that a selector matches more than one bound service.
type AmbiguousError struct {
	Wanted string   // what the selector selects, see String
	Names  []string // of the matching services, sorted; two or more
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("found %d bound services with the %s: %s; expected one: %s", len(e.Names), e.Wanted, quotedList(e.Names), e.Advice())
}

// SameName reports whether two of them have the same name, in any case, so that no name can tell them apart.
func (e *AmbiguousError) SameName() bool {
	seen := map[string]bool{}
	for _, name := range e.Names {
		if seen[strings.ToLower(name)] {
			return true
		}
		seen[strings.ToLower(name)] = true
	}
	return false
}

// Advice says how to select one of them.
func (e *AmbiguousError) Advice() string {
	if e.SameName() {
		return "select it by a label or tag that only one of them has, since two have the same name"
	}
	return "select it by its name"
}

// IsZero reports whether no service is selected.
func (s Selector) IsZero() bool { return s == Selector{} }

// String describes the selected service so that it can follow "the", such as: label "p.mysql" and tag "blue".
func (s Selector) String() string {
	var said []string
	for _, part := range []struct{ key, value string }{
		{"name, label or tag", s.Any}, {"name", s.Name}, {"label", s.Label}, {"tag", s.Tag},
	} {
		if part.value != "" {
			said = append(said, part.key+" "+strconv.Quote(part.value))
		}
	}
	return strings.Join(said, " and ")
}

// Selects reports whether a binding matches.
func (s Selector) Selects(b Binding) bool {
	names := []string{b.Name, b.InstanceName}
	matches := func(want string, said ...string) bool {
		return want == "" || slices.ContainsFunc(said, func(word string) bool { return strings.EqualFold(word, want) })
	}
	return !s.IsZero() && matches(s.Name, names...) && matches(s.Label, b.Label) && matches(s.Tag, b.Tags...) &&
		matches(s.Any, slices.Concat(names, []string{b.Label}, b.Tags)...)
}

// Find returns the only binding that matches. It fails with a *NotBoundError if none does, and with an
// *AmbiguousError if several do.
func (s Selector) Find(all []Binding) (Binding, error) {
	var found []Binding
	for _, b := range all {
		if s.Selects(b) {
			found = append(found, b)
		}
	}
	switch len(found) {
	case 0:
		return Binding{}, &NotBoundError{s.String(), namesOf(all)}
	case 1:
		return found[0], nil
	default:
		return Binding{}, &AmbiguousError{s.String(), namesOf(found)}
	}
}

func namesOf(all []Binding) []string {
	names := make([]string, len(all))
	for i, b := range all {
		names[i] = b.Name
	}
	slices.Sort(names)
	return names
}

func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = strconv.Quote(name)
	}
	return strings.Join(quoted, ", ")
}
