package sidecar

import (
	"maps"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// A declaration is what one source, or several merged ones, say about a sidecar. Fields that are
// missing or invalid have their zero value.
type declaration struct {
	// Definition holds the values as they were declared; complete fills in the rest.
	Definition
	// readiness and health are what the checks set, and port or socket is what both probe.
	readiness, health supervision.Check
	port, socket      string
	// disabled says that the app does not want the sidecar.
	disabled bool
	// isDefault says that a catalog gives the sidecar to every app.
	isDefault bool
	// builtIn says that its program is one of the buildpack's own.
	builtIn bool
	// stated has the keys of all fields that are set, valid or not.
	stated map[string]bool
	// variable maps a field's key to the variable of the app's environment that sets it.
	variable map[string]string
	// places maps a field's key to the position where it is set.
	places map[string]Position
	// ownReadiness says that the app itself sets the readiness check. The catalog's check only
	// matters to sidecars that wait for this one.
	ownReadiness bool
}

func newDeclaration(name string) declaration {
	return declaration{Definition: Definition{Name: name}, stated: map[string]bool{}, variable: map[string]string{}, places: map[string]Position{}}
}

// clone returns a copy that can be changed without changing d.
func (d declaration) clone() declaration {
	d.stated, d.variable, d.places = maps.Clone(d.stated), maps.Clone(d.variable), maps.Clone(d.places)
	return d
}

// label is how problems name the sidecar.
func (d *declaration) label() string { return "sidecar " + quote(d.Name) }
