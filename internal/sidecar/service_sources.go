package sidecar

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// serviceSources returns the documents of bound services that declare sidecars, by name.
func serviceSources(bound []bindings.Binding) (sources []Source, problems Problems) {
	for _, b := range bound {
		if !declaresSidecars(b) {
			continue
		}
		source := serviceSource(b.Name, nil)
		text, found := b.Credential(ServiceKey)
		switch {
		case found && strings.TrimSpace(text) != "":
			source.Content = []byte(text)
			sources = append(sources, source)
		case IsUnresolved(b):
			problems = append(problems, Problem{
				At: Position{Source: source.Name}, What: "credentials", Found: "a reference to CredHub, which is not resolved at staging where services are handed on in files",
				Want: fmt.Sprintf("the key %s with the YAML of a %s", ServiceKey, FileName),
			})
		default:
			problems = append(problems, Problem{
				At: Position{Source: source.Name}, What: "credentials", Found: "no key " + ServiceKey,
				Want: fmt.Sprintf("the key %s with the YAML of a %s, or a service that is not called %s and has no such tag", ServiceKey, FileName, ServiceName),
			})
		}
	}
	return sources, problems
}

// serviceSource returns the document of a service.
func serviceSource(name string, content []byte) Source {
	return Source{Name: "service " + quote(name), Service: name, Content: content}
}

func declaresSidecars(b bindings.Binding) bool {
	is := func(word string) bool { return strings.EqualFold(word, ServiceName) }
	return is(b.Name) || is(b.InstanceName) || slices.ContainsFunc(b.Tags, is)
}
