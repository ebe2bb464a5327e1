package sidecar

import (
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// checkOrder rejects dependencies that can never be fulfilled, including those on a sidecar that
// another buildpack makes: nothing publishes that sidecar's state to this buildpack's.
func (r *diagnostics) checkOrder(definitions []Definition, left []Left) {
	if r.gaveUp {
		return
	}
	byName := map[string]Definition{}
	names, all := make([]string, len(definitions)), make([]string, len(definitions))
	for i, d := range definitions {
		byName[d.Name] = d
		names[i], all[i] = quote(d.Name), d.Name
	}
	for i, d := range definitions {
		for _, name := range d.Supervision.DependsOn {
			what := "sidecar " + quote(d.Name) + ": depends-on"
			other, ok := byName[name]
			if !ok {
				found, others := quote(name), slices.Delete(slices.Clone(all), i, i+1)
				if at := slices.IndexFunc(left, func(l Left) bool { return l.Name == name }); at >= 0 {
					found += ", which is left to " + left[at].To
				}
				r.add(Problem{At: d.At, What: what, Found: found, Meant: suggest.Name(name, others), Want: "a sidecar that this buildpack gives the app: " + strings.Join(names, ", ")})
				continue
			}
			if missing := slices.DeleteFunc(slices.Clone(d.ProcessTypes), func(t string) bool { return slices.Contains(other.ProcessTypes, t) }); len(missing) > 0 {
				r.add(Problem{
					At: d.At, What: what, Found: quote(name) + ", which does not run with " + strings.Join(missing, ", "),
					Want: "its process_types to include all of " + strings.Join(d.ProcessTypes, ", "),
				})
			}
		}
	}
	if path := cycle(definitions, byName); path != nil {
		quoted := make([]string, len(path))
		for i, name := range path {
			quoted[i] = quote(name)
		}
		r.add(Problem{
			At: byName[path[0]].At, What: "sidecar " + quoted[0] + ": depends-on",
			Found: "a cycle, " + strings.Join(quoted, " → "), Want: "an order in which they can start",
		})
	}
}

// cycle returns a path of sidecars that wait for each other, with the first one again at its end,
// or nil.
func cycle(definitions []Definition, byName map[string]Definition) []string {
	done := map[string]bool{}
	var path []string
	var visit func(name string) bool
	visit = func(name string) bool {
		if at := slices.Index(path, name); at >= 0 {
			path = append(path[at:], name)
			return true
		}
		if done[name] {
			return false
		}
		done[name] = true
		path = append(path, name)
		if slices.ContainsFunc(byName[name].Supervision.DependsOn, visit) {
			return true
		}
		path = path[:len(path)-1]
		return false
	}
	if slices.ContainsFunc(definitions, func(d Definition) bool { return visit(d.Name) }) {
		return path
	}
	return nil
}

// dependedOn returns the names of sidecars that others depend on.
func dependedOn(list []declaration) map[string]bool {
	names := map[string]bool{}
	for _, e := range list {
		for _, name := range e.Supervision.DependsOn {
			names[name] = true
		}
	}
	return names
}
