package sidecar

import (
	"maps"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// A declaration is what one source says of one sidecar, or what several come to. What
// is not stated has its zero value, as has what is stated wrongly.
type declaration struct {
	// Definition holds the values as they are stated; complete fills in the rest.
	Definition
	// readiness and health are what is stated of these checks, and port or socket is where
	// both ask.
	readiness, health supervision.Check
	port, socket      string
	// disabled tells that the app is not to have the sidecar.
	disabled bool
	// isDefault tells that a catalog gives the sidecar to every app.
	isDefault bool
	// builtIn tells that the program is one of the buildpack's own.
	builtIn bool
	// stated has the keys of the fields that are stated, right or wrong.
	stated map[string]bool
	// variable is the variable of the app's environment that states a field, by its key.
	variable map[string]string
	// places tells where a field is stated, by its key.
	places map[string]Position
	// ownReadiness tells that the app itself states its readiness check. The catalog's
	// check is for those that wait for the sidecar.
	ownReadiness bool
}

func newDeclaration(name string) declaration {
	return declaration{Definition: Definition{Name: name}, stated: map[string]bool{}, variable: map[string]string{}, places: map[string]Position{}}
}

// clone is a declaration that can be changed apart from this one.
func (d declaration) clone() declaration {
	d.stated, d.variable, d.places = maps.Clone(d.stated), maps.Clone(d.variable), maps.Clone(d.places)
	return d
}

// label is how problems name the sidecar.
func (d *declaration) label() string { return "sidecar " + quote(d.Name) }
