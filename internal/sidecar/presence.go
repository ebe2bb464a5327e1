package sidecar

import (
	"fmt"
	"slices"
	"strings"
)

// An Absent is a sidecar that is declared, or that the catalog gives to every app, and
// that this app does not have.
type Absent struct {
	Name string
	Why  string // in words that follow "is left out:"
	// Dependents are the names of the sidecars that depend on it, and start without it.
	Dependents []string
}

// String is a sentence or two about it.
func (a Absent) String() string {
	said := fmt.Sprintf("Sidecar %s is left out: %s.", quote(a.Name), a.Why)
	if len(a.Dependents) > 0 {
		quoted := make([]string, len(a.Dependents))
		for i, name := range a.Dependents {
			quoted[i] = quote(name)
		}
		said += fmt.Sprintf(" Started without waiting for it: %s.", strings.Join(quoted, ", "))
	}
	return said
}

// present takes those out of the list that the app does not have. What depends on one of
// them does so no more: to leave one out must not break the others.
func present(list []declaration) (remaining []declaration, absent []Absent) {
	for _, d := range list {
		if d.disabled {
			absent = append(absent, Absent{Name: d.Name, Why: fmt.Sprintf("%s says %s: false", d.places[enabledKey], enabledKey)})
			continue
		}
		remaining = append(remaining, d)
	}
	for i := range absent {
		absent[i].Dependents = dropDependency(remaining, absent[i].Name)
	}
	return remaining, absent
}

// dropDependency has no sidecar depend on this one, and returns the names of those that did.
func dropDependency(list []declaration, name string) (dependents []string) {
	for i := range list {
		names := list[i].Supervision.DependsOn
		if at := slices.Index(names, name); at >= 0 {
			dependents = append(dependents, list[i].Name)
			list[i].Supervision.DependsOn = slices.Concat(names[:at], names[at+1:]) // names may be the catalog's
		}
	}
	return dependents
}
