package springlayout

import (
	"context"
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Sources returns the property sources for a request; the first wins. label is the value of {label} in search
// paths. Errors name the file, but quote no value.
func (l Layout) Sources(ctx context.Context, tree Tree, request environment.Request, label string) ([]environment.PropertySource, error) {
	locations, err := l.locations(tree, request, label)
	if err != nil {
		return nil, err
	}
	names, err := configNames(request.Application)
	if err != nil {
		return nil, err
	}
	read := &reader{ctx: ctx, tree: tree, layout: l, names: names, loaded: map[string]bool{}}
	active, err := read.activeDocuments(locations, request.Profiles)
	if err != nil {
		return nil, err
	}
	sources := []environment.PropertySource{}
	for _, document := range active {
		if l.shows(document.path, locations) {
			sources = append(sources, environment.PropertySource{Name: l.sourceName(document), Source: document.values.byKey, Order: document.values.order})
		}
	}
	return sources, nil
}

// sourceName returns the name that Spring's server gives to a document: the file's address or, in a file with
// several documents, Spring's internal name for the document.
func (l Layout) sourceName(d *document) string {
	if d.number < 0 {
		return l.URI + "/" + d.path
	}
	return fmt.Sprintf("%s/Config resource 'file [%s/%s' via location '%s' (document #%d)", l.URI, l.Directory, d.path, d.location, d.number)
}
