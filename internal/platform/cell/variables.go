package cell

import (
	"maps"
	"slices"
	"strings"
)

// instanceIP is the address of every instance, since all share this machine's network.
const instanceIP = "127.0.0.1"

// The names of the app's space and organization; their guids are derived from these.
const (
	spaceName        = "space"
	organizationName = "organization"
)

// A variables collects an environment; later values replace earlier ones.
type variables map[string]string

func (v variables) list() []string {
	list := make([]string, 0, len(v))
	for _, name := range slices.Sorted(maps.Keys(v)) {
		list = append(list, name+"="+v[name])
	}
	return list
}

func (v variables) add(more map[string]string) variables {
	maps.Copy(v, more)
	return v
}

// inherit copies the named variables of this program's environment.
func (c *Cell) inherit(names ...string) variables {
	v := variables{}
	for _, variable := range c.Environ {
		name, value, _ := strings.Cut(variable, "=")
		if slices.Contains(names, name) {
			v[name] = value
		}
	}
	return v
}
