package sidecar

import (
	"maps"

	"gopkg.in/yaml.v3"

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
	// ownReadiness tells that the app itself states its readiness check. What the
	// catalog knows of it is for those that wait for the sidecar.
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

// set reads one field from a node.
func (d *declaration) set(f field, w *decoder, node *yaml.Node, label string) {
	f.read(w, node, label+": "+f.key, d)
	d.stated[f.key] = true
	d.variable[f.key] = w.from()
	d.places[f.key] = w.at(node)
}

// setVariable reads one field from the text of a variable.
func (d *declaration) setVariable(f field, w *decoder, text, label string) {
	if node := f.fromVariable(text); w.report.bounded(node, w.source) {
		d.set(f, w, node, label)
	}
}

// merge replaces, field by field, what is known with what is stated.
func (d *declaration) merge(stated declaration) {
	d.mergePackage(stated)
	dropOther(&d.readiness, stated.readiness)
	dropOther(&d.health, stated.health)
	d.mergeAddress(stated)
	d.ownReadiness = d.ownReadiness || !stated.readiness.IsZero()
	for _, f := range fields {
		if stated.stated[f.key] {
			f.copy(&stated, d)
			d.stated[f.key], d.variable[f.key], d.places[f.key] = true, stated.variable[f.key], stated.places[f.key]
		}
	}
}

// mergePackage drops what is known of a package where another one is stated, since the
// fields of a package belong together.
func (d *declaration) mergePackage(stated declaration) {
	same := d.stated[dependencyKey] && d.Package.Dependency == stated.Package.Dependency && !stated.stated[artifactKey]
	if (stated.stated[dependencyKey] || stated.stated[artifactKey]) && !same {
		d.Package = Package{}
		for _, key := range []string{dependencyKey, versionKey, executableKey, stripKey, artifactKey} {
			delete(d.stated, key)
		}
		d.builtIn = false
	}
	if stated.stated[executableKey] {
		d.builtIn = false
	}
}

// mergeAddress drops the port where a socket is stated, and the other way around.
func (d *declaration) mergeAddress(stated declaration) {
	switch {
	case stated.stated[socketKey] && !stated.stated[portKey]:
		d.port = ""
		delete(d.stated, portKey)
	case stated.stated[portKey] && !stated.stated[socketKey]:
		d.socket = ""
		delete(d.stated, socketKey)
	}
}

// dropOther drops what is known of a check of another type than the stated one.
func dropOther(known *supervision.Check, stated supervision.Check) {
	if stated.Type != "" && stated.Type != supervision.CheckHTTP {
		known.Endpoint, known.Status, known.Headers = "", "", nil
	}
	if stated.Type != "" && stated.Type != supervision.CheckExec {
		known.Command = ""
	}
}
