package sidecar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Family are the other buildpacks of a push that were made from the same one: each
// reads the same declarations of the app. A sidecar belongs to the first of them that
// can make it, and the others leave it alone.
type Family struct {
	// Made are the sidecars of those that have run already: by its name, what has it.
	Made map[string]string
	// Absent are the names of sidecars that those which have run already do not give to this
	// app, although they know them.
	Absent []string
	// Later are those that have not run yet, in any order.
	Later []Relative
	// HasDependency tells whether the manifest.yml of this buildpack itself has a
	// dependency. Where it is nil, every one counts as there.
	HasDependency func(name string) bool
	// Unread are the names of buildpacks of the push that may be of the family, and whose
	// catalog is not known. At staging there are none.
	Unread []string
}

// A Relative is one of them, by its name and by what it can make.
type Relative struct {
	Name          string
	Catalog       Catalog
	HasDependency func(name string) bool
}

// A Left is a sidecar that this buildpack leaves to another one.
type Left struct {
	Name string
	To   string // the other buildpack's name
	Made bool   // it has run already
	// Unsure tells that the other one may not have it, and that no buildpack has it then.
	Unsure bool
}

// String is a sentence about it.
func (l Left) String() string {
	if l.Unsure {
		return fmt.Sprintf("The program of sidecar %s is unknown here. If neither the catalog nor the manifest.yml of %s has it, staging fails.", quote(l.Name), l.To)
	}
	if l.Made {
		return fmt.Sprintf("Sidecar %s is left to %s, which comes first and has made it.", quote(l.Name), l.To)
	}
	return fmt.Sprintf("Sidecar %s is left to %s, which comes later and knows it.", quote(l.Name), l.To)
}

// divide takes the sidecars of others out of the list.
func (f Family) divide(list []declaration, catalog Catalog) (own []declaration, left []Left) {
	for _, e := range list {
		if by, ok := f.Made[e.Name]; ok {
			left = append(left, Left{Name: e.Name, To: by, Made: true})
			continue
		}
		if slices.Contains(f.Absent, e.Name) {
			continue // which the other one has said
		}
		if i := slices.IndexFunc(f.Later, func(r Relative) bool { return f.belongsTo(r, e, catalog) }); i >= 0 {
			left = append(left, Left{Name: e.Name, To: f.Later[i].Name})
			continue
		}
		if len(f.Unread) > 0 && !f.canMake(e, catalog) {
			left = append(left, Left{Name: e.Name, To: strings.Join(f.Unread, " or "), Unsure: true})
			continue
		}
		own = append(own, e)
	}
	return own, left
}

// canMake tells whether this buildpack finds what the sidecar is to run.
func (f Family) canMake(e declaration, catalog Catalog) bool {
	switch {
	case e.stated[artifactKey]:
		return true
	case e.stated[dependencyKey]:
		return f.HasDependency == nil || f.HasDependency(e.Package.Dependency)
	default:
		return e.stated[commandKey] || e.stated[executableKey] || catalog.knows(e.Name)
	}
}

// belongsTo tells whether a later buildpack can make what this one cannot: it has the
// dependency, or it knows the name, where nothing else says where the program is from.
// A command alone does not: what a catalog has for the name goes with it.
func (f Family) belongsTo(r Relative, e declaration, catalog Catalog) bool {
	switch {
	case e.stated[artifactKey]:
		return false
	case e.stated[dependencyKey]:
		return f.HasDependency != nil && !f.HasDependency(e.Package.Dependency) && r.HasDependency != nil && r.HasDependency(e.Package.Dependency)
	default:
		return !catalog.knows(e.Name) && r.Catalog.knows(e.Name)
	}
}

// others are the names of sidecars that a variable may be meant for although this
// buildpack does not give them to the app.
func (f Family) others() []string {
	names := slices.Clone(f.Absent)
	for name := range f.Made {
		names = append(names, name)
	}
	for _, r := range f.Later {
		for _, known := range r.Catalog.entries {
			if known.isDefault {
				names = append(names, known.Name)
			}
		}
	}
	slices.SortFunc(names, cmp.Compare)
	return names
}

// known are the names of the catalogs of this buildpack and of those that come later.
func (f Family) known(catalog Catalog) []string {
	names := catalog.names()
	for _, r := range f.Later {
		for _, name := range r.Catalog.names() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func (c Catalog) knows(name string) bool { return slices.Contains(c.names(), name) }
