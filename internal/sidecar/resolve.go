package sidecar

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// A Request contains everything that decides which sidecars an app gets.
type Request struct {
	Catalog Catalog
	// Sources are documents that declare sidecars, in order of increasing precedence: a field that
	// a later one sets replaces an earlier one's. ResolveApp adds the app's.
	Sources []Source
	// Environ is the staging environment, as from os.Environ. A variable named by VariableName
	// overrides all sources for its field.
	Environ []string
	// Services are the services bound to the app.
	Services Services
	// Family is the other buildpacks of the push that read the same sources.
	Family Family
}

// A Resolution is the result of a request.
type Resolution struct {
	// Sidecars are those that this buildpack gives the app, in the order in which they were first
	// named, after those that the catalog gives to every app.
	Sidecars []Definition
	// Left are those that it leaves to others of the family, in the same order.
	Left []Left
	// Absent are those that this buildpack does not give the app because of the app's own
	// declarations, or of the services bound to it.
	Absent []Absent
	// Warnings are sentences for the user about things that are allowed, but most likely a mistake.
	Warnings []string
}

// Resolve is ResolveSources for a buildpack without a family.
func Resolve(request Request) (definitions []Definition, warnings []string, err error) {
	resolved, err := ResolveSources(request)
	return resolved.Sidecars, resolved.Warnings, err
}

// ResolveSources merges all sources, and selects the sidecars that this buildpack provides. The
// error is a Problems with everything that is wrong.
func ResolveSources(request Request) (Resolution, error) {
	var r diagnostics
	var resolved Resolution
	all := newEntries(request.Catalog)
	for _, source := range request.Sources {
		for _, stated := range r.parse(source) {
			all.merge(stated)
		}
	}
	resolved.Warnings = r.override(all.list, request.Environ, request.Family.others())
	list, left := request.Family.divide(all.list, request.Catalog)
	resolved.Left = left
	list, resolved.Absent = r.present(list, request.Services)
	required := dependedOn(list)
	for _, e := range list {
		r.checkPackage(e)
		r.checkCommand(e, request.Family.known(request.Catalog))
		d := e.complete(required[e.Name])
		r.checkSupervision(e, d)
		r.checkBound(d, request.Services)
		resolved.Warnings = append(resolved.Warnings, e.ineffective(d)...)
		resolved.Sidecars = append(resolved.Sidecars, d)
	}
	r.checkNames(resolved.Sidecars)
	r.checkOrder(resolved.Sidecars, left)
	return resolved, r.err()
}

// ResolveApp is ResolveSources with the sources that Sources finds, which override those of the
// request. The problems of both are reported together. If there are any, no sidecar is returned.
func ResolveApp(app fs.FS, request Request) (Resolution, error) {
	sources, unread := Sources(app, request.Environ, request.Services.Bound)
	request.Sources = slices.Concat(request.Sources, sources)
	resolved, err := ResolveSources(request)
	var problems Problems
	errors.As(err, &problems)
	if all := append(unread, problems...); len(all) > 0 {
		return Resolution{Absent: resolved.Absent, Warnings: resolved.Warnings}, all
	}
	return resolved, nil
}

// entries are an app's sidecars while sources are merged.
type entries struct {
	catalog Catalog
	list    []declaration
	index   map[string]int // by name
}

// newEntries starts with the sidecars that the catalog gives to every app.
func newEntries(catalog Catalog) *entries {
	all := &entries{catalog: catalog, index: map[string]int{}}
	for _, known := range catalog.entries {
		if known.isDefault {
			all.add(known.clone())
		}
	}
	return all
}

func (all *entries) add(e declaration) int {
	all.index[e.Name] = len(all.list)
	all.list = append(all.list, e)
	return all.index[e.Name]
}

// merge applies what a source says about a sidecar.
func (all *entries) merge(stated declaration) {
	i, ok := all.index[stated.Name]
	if !ok {
		i = all.add(all.catalog.declaration(stated.Name))
	}
	e := &all.list[i]
	e.At = stated.At
	e.merge(stated)
}

// declaration returns what the catalog says about a name, which may be nothing but the name.
func (c Catalog) declaration(name string) declaration {
	for _, known := range c.entries {
		if known.Name == name {
			return known.clone()
		}
	}
	return newDeclaration(name)
}

func (r *diagnostics) checkCommand(e declaration, known []string) {
	if e.stated[commandKey] || e.stated[executableKey] || r.gaveUp || e.stated[dependencyKey] {
		return
	}
	want := "the key command"
	if e.stated[artifactKey] {
		if e.Package.Artifact.URI == "" {
			return // reported already
		}
		want = "the key executable of the artifact: the program's path below what is unpacked; or the key command"
		r.add(Problem{At: e.At, What: e.label(), Found: "no command", Want: want})
		return
	}
	if len(known) > 0 {
		want += ", or a name of the catalog: " + strings.Join(known, ", ")
	}
	r.add(Problem{At: e.At, What: e.label(), Found: "no command", Meant: suggest.Name(e.Name, known), Want: want})
}

// CheckNameConflicts rejects sidecars whose names are taken: taken maps a name to what uses it. The
// error is a Problems.
func CheckNameConflicts(definitions []Definition, taken map[string]string) error {
	var r diagnostics
	for _, d := range definitions {
		if by, ok := taken[d.Name]; ok {
			r.add(Problem{
				At: d.At, What: "sidecar " + quote(d.Name),
				Found: "a name that is taken by " + by, Want: "another name: the platform would run only one of the two",
			})
		}
	}
	return r.err()
}

// checkNames rejects a sidecar with the name of a process that it or another sidecar runs with, web
// in particular: one would replace the other (CF-07).
func (r *diagnostics) checkNames(definitions []Definition) {
	types := map[string]bool{DefaultProcessType: true}
	for _, d := range definitions {
		for _, t := range d.ProcessTypes {
			types[t] = true
		}
	}
	for _, d := range definitions {
		if types[d.Name] {
			r.add(Problem{
				At: d.At, What: "sidecar " + quote(d.Name),
				Found: "the name of a process type",
				Want:  fmt.Sprintf("another name, such as %s: the platform would mix up the two", quote(d.Name+"-sidecar")),
			})
		}
	}
}
