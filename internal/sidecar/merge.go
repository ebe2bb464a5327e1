package sidecar

import (
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

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

// merge replaces each field of d that stated sets.
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

// mergePackage clears the known package if another one is stated, since the fields of a package
// belong together.
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

// mergeAddress clears the port if a socket is stated, and vice versa.
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

// dropOther clears the settings of a known check if the stated one has another type.
func dropOther(known *supervision.Check, stated supervision.Check) {
	if stated.Type != "" && stated.Type != supervision.CheckHTTP {
		known.Endpoint, known.Status, known.Headers = "", "", nil
	}
	if stated.Type != "" && stated.Type != supervision.CheckExec {
		known.Command = ""
	}
}
