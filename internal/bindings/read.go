package bindings

import (
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// Read returns the bindings in an environment, sorted by name. The platform uses one of the three forms; if the
// app's own variables add another, both count. An empty variable counts as not set. The error names the variable
// and, if there is one, the file.
func Read(environ []string) ([]Binding, error) {
	var all []Binding
	for _, form := range []struct {
		variable string
		read     func(value string) ([]Binding, error)
	}{
		{DirectoryVariable, ReadDirectory},
		{FileVariable, readFile},
		{ServicesVariable, func(value string) ([]Binding, error) { return Parse([]byte(value)) }},
	} {
		value := env.Get(environ, form.variable)
		if value == "" {
			continue
		}
		found, err := form.read(value)
		if err != nil {
			return nil, fmt.Errorf("failed to read the bound services of %s: %w", form.variable, err)
		}
		all = append(all, found...)
	}
	sortByName(all)
	return all, nil
}

func readFile(path string) ([]Binding, error) {
	content, err := regularfile.Read(path, MaxBytes)
	if err != nil {
		return nil, err
	}
	found, err := Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return found, nil
}
