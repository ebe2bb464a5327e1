package sidecar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Family is the other buildpacks of a push that were made from the same one. Each reads the same
// declarations of the app. A sidecar belongs to the first of them that can make it; the others
// ignore it.
type Family struct {
	// Made maps the name of a sidecar to the buildpack that has already made it.
	Made map[string]string
	// Absent are sidecars that the buildpacks which have already run know, but do not give to this
	// app.
	Absent []string
	// Later are the buildpacks that have not run yet, in any order.
	Later []Relative
	// HasDependency reports whether this buildpack's own manifest.yml has a dependency. If it is
	// nil, every dependency counts as present.
	HasDependency func(name string) bool
	// Unread are the names of buildpacks of the push that may be in the family, but whose catalog
	// is unknown. At staging there are none.
	Unread []string
}

// A Relative is a buildpack of the family, with its name and what it can make.
type Relative struct {
	Name          string
	Catalog       Catalog
	HasDependency func(name string) bool
}

// A Left is a sidecar that this buildpack leaves to another one.
type Left struct {
	Name string
	To   string // the other buildpack's name
	Made bool   // the other buildpack has already made it
	// Unsure says that the other buildpack may not know it, in which case no buildpack does.
	Unsure bool
}

// String returns a sentence about it.
func (l Left) String() string {
	if l.Unsure {
		return fmt.Sprintf("The program of sidecar %s is unknown here. If neither the catalog nor the manifest.yml of %s has it, staging fails.", quote(l.Name), l.To)
	}
	if l.Made {
		return fmt.Sprintf("Sidecar %s is left to %s, which comes first and has made it.", quote(l.Name), l.To)
	}
	return fmt.Sprintf("Sidecar %s is left to %s, which comes later and knows it.", quote(l.Name), l.To)
}

// divide splits the list into this buildpack's sidecars and those of others.
func (f Family) divide(list []declaration, catalog Catalog) (own []declaration, left []Left) {
	for _, e := range list {
		if by, ok := f.Made[e.Name]; ok {
			left = append(left, Left{Name: e.Name, To: by, Made: true})
			continue
		}
		if slices.Contains(f.Absent, e.Name) {
			continue // the other buildpack has said so
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

// canMake reports whether this buildpack has the program of a sidecar.
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

// belongsTo reports whether a later buildpack can make what this one cannot: it has the dependency,
// or it knows the name and nothing else says where the program comes from. A command alone does not
// say that: it is combined with what a catalog says about the name.
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

// others returns names of sidecars that a variable may refer to although this buildpack does not
// give them to the app.
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

// known returns the names in the catalogs of this buildpack and of later ones.
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
