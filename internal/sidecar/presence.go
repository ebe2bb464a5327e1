package sidecar

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// An Absent is a sidecar that is declared, or that the catalog gives to every app, but that this
// app does not get.
type Absent struct {
	Name string
	Why  string // in words that follow "is left out:"
	// Dependents are the names of sidecars that depend on it, and start without it.
	Dependents []string
	// Undecided is the sidecar if it is only left out because the bound services are unknown.
	Undecided *Definition
}

// String returns a sentence or two about it.
func (a Absent) String() string {
	said := fmt.Sprintf("Sidecar %s is left out: %s.", quote(a.Name), a.Why)
	if len(a.Dependents) > 0 {
		said += fmt.Sprintf(" Started without waiting for it: %s.", quotedList(a.Dependents))
	}
	return said
}

// present removes the sidecars that the app does not get from the list. It also removes
// dependencies on them, so that their absence does not break others.
func (r *diagnostics) present(list []declaration, services Services) (remaining []declaration, absent []Absent) {
	for _, d := range list {
		if why := r.whyAbsent(&d, services); why != "" {
			left := Absent{Name: d.Name, Why: why}
			if !services.Known && !d.disabled {
				left.Undecided = &d.Definition
			}
			absent = append(absent, left)
			continue
		}
		remaining = append(remaining, d)
	}
	for i := range absent {
		absent[i].Dependents = dropDependency(remaining, absent[i].Name)
	}
	return remaining, absent
}

// whyAbsent returns why the app does not get a sidecar. If the app gets it, it returns nothing, and
// sets the sidecar's service.
func (r *diagnostics) whyAbsent(d *declaration, services Services) string {
	if d.disabled {
		return fmt.Sprintf("%s says %s: false", d.places[enabledKey], enabledKey)
	}
	if d.Binding == nil {
		return ""
	}
	found, err := d.Binding.Find(services.Bound)
	var none *bindings.NotBoundError
	var several *bindings.AmbiguousError
	switch {
	case errors.As(err, &none) && !services.Known:
		return fmt.Sprintf("no service with the %s is known to be bound", d.Binding)
	case errors.As(err, &none) && len(none.Bound) == 0:
		return fmt.Sprintf("it is for a service with the %s, and no service is bound", d.Binding)
	case errors.As(err, &none):
		return fmt.Sprintf("it is for a service with the %s; bound are %s", d.Binding, quotedList(none.Bound))
	case errors.As(err, &several):
		r.add(Problem{
			At: d.places[bindingKey], What: d.label() + ": " + bindingKey,
			Found: fmt.Sprintf("%d services with the %s, %s", len(several.Names), d.Binding, quotedList(several.Names)), Want: wantOneOf(several),
		})
		return ""
	}
	d.Service = found.Name
	return ""
}

// wantOneOf says how to select one of several services.
func wantOneOf(several *bindings.AmbiguousError) string {
	if several.SameName() {
		return "one: " + several.Advice()
	}
	return "one: " + several.Advice() + ", as in {name: " + several.Names[0] + "}"
}

// dropDependency removes a sidecar from the dependencies of all others, and returns the names of
// those that had it.
func dropDependency(list []declaration, name string) (dependents []string) {
	for i := range list {
		names := list[i].Supervision.DependsOn
		if at := slices.Index(names, name); at >= 0 {
			dependents = append(dependents, list[i].Name)
			list[i].Supervision.DependsOn = slices.Concat(names[:at], names[at+1:]) // the slice may be the catalog's
		}
	}
	return dependents
}
