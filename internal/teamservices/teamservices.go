// Package teamservices reads the file in which a team defines the services for its apps, for use on
// developers' machines. Its values are secret: no error of this package quotes one.
package teamservices

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// FileName is the file's name. The file is in the directory of an app, or above it up to the root
// of its git repository.
const FileName = ".sidecar-services.yml"

// defaultLabel is the label of a service without one, as for cf create-user-provided-service.
const defaultLabel = "user-provided"

// Services are the service instances in a file, by name.
type Services struct {
	// Path is the file's path, empty if there is no file.
	Path      string
	instances map[string]instance
}

// An instance is a service instance. Its fields are the keys of the file.
type instance struct {
	label, plan string
	tags        []string
	credentials map[string]any
}

// A Request is a service that an app manifest binds an app to.
type Request struct {
	Name string // the instance's name
	// BindingName is the app's name for it, if that differs; it may be empty.
	BindingName string
}

// Find reads the file of an app. Without a file, there are no services.
func Find(app string) (Services, error) {
	path, content, err := standin.FindTeamFile(app, FileName, bindings.MaxBytes)
	if err != nil {
		return Services{}, fmt.Errorf("failed to read the team's services: %w", err)
	}
	if path == "" {
		return Services{}, nil
	}
	return Parse(path, content)
}

// Parse parses a file's content. The error names everything that is wrong with it, with lines.
func Parse(path string, content []byte) (Services, error) {
	s := Services{Path: path, instances: map[string]instance{}}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return s, yamlerror.Wrap(path, content, err)
	}
	if len(document.Content) == 0 {
		return s, nil
	}
	root := document.Content[0]
	const want = "the one key services, and below it the names of services"
	switch {
	case root.Kind != yaml.MappingNode:
		return s, fmt.Errorf("%s:%d: found %s; expected a mapping with %s", path, root.Line, describe(root), want)
	case len(root.Content) != 2 || root.Content[0].Value != "services":
		return s, fmt.Errorf("%s:%d: found %s; expected %s", path, root.Line, describeKeys(root), want)
	case root.Content[1].Kind != yaml.MappingNode:
		return s, fmt.Errorf("%s:%d: services: found %s; expected a mapping with the names of services", path, root.Content[1].Line, describe(root.Content[1]))
	}
	var problems []error
	list := root.Content[1].Content
	for i := 0; i < len(list); i += 2 {
		name := list[i].Value
		if earlier := earlierKey(list[:i], name); earlier != nil {
			problems = append(problems, fmt.Errorf("%s:%d: found the service %q a second time, first on line %d; expected each service once", path, list[i].Line, name, earlier.Line))
			continue
		}
		one, err := parseInstance(path, name, list[i+1])
		problems = append(problems, err)
		s.instances[name] = one
	}
	return s, errors.Join(problems...)
}

// keys are the keys of a service.
var keys = []string{"label", "plan", "tags", "credentials"}

func parseInstance(path, name string, node *yaml.Node) (one instance, err error) {
	one.label = defaultLabel
	refuse := func(at *yaml.Node, format string, args ...any) error {
		return fmt.Errorf("%s:%d: service %q: %s", path, at.Line, name, fmt.Sprintf(format, args...))
	}
	if node.Kind != yaml.MappingNode {
		return one, refuse(node, "found %s; expected a mapping with the keys %s", describe(node), strings.Join(keys, ", "))
	}
	var problems []error
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if earlier := earlierKey(node.Content[:i], key.Value); earlier != nil {
			problems = append(problems, refuse(key, "found the key %q a second time, first on line %d; expected each key once", key.Value, earlier.Line))
			continue
		}
		read, wanted := false, ""
		switch key.Value {
		case "label":
			read, wanted = value.Decode(&one.label) == nil && value.Kind == yaml.ScalarNode, "text"
		case "plan":
			read, wanted = value.Decode(&one.plan) == nil && value.Kind == yaml.ScalarNode, "text"
		case "tags":
			read, wanted = value.Decode(&one.tags) == nil, "a list of texts"
		case "credentials":
			asJSON(value, 0)
			if at := notJSON(value, 0); at != nil {
				problems = append(problems, fmt.Errorf("%s:%d:%d: service %q: credentials: found infinity or no number (.inf, .nan), which JSON does not have; expected a number, or text in quotes", path, at.Line, at.Column, name))
				continue
			}
			read, wanted = value.Kind == yaml.MappingNode && value.Decode(&one.credentials) == nil, "a mapping"
		default:
			problems = append(problems, refuse(key, "found the key %q%s", key.Value, suggest.Before(suggest.Name(key.Value, keys), "expected one of "+strings.Join(keys, ", "))))
			continue
		}
		if !read {
			problems = append(problems, refuse(value, "%s: found %s; expected %s", key.Value, describe(value), wanted))
		}
	}
	return one, errors.Join(problems...)
}

// earlierKey returns the node of an earlier key of this name in a mapping, or nil.
func earlierKey(pairs []*yaml.Node, name string) *yaml.Node {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i].Value == name {
			return pairs[i]
		}
	}
	return nil
}

// asJSON converts dates, and keys of any type, to the text in the file, since JSON has no others.
func asJSON(node *yaml.Node, depth int) {
	if depth > maxDepth {
		return // Decode refuses it: probably an alias that contains itself
	}
	if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!timestamp" {
		node.Tag = "!!str"
	}
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 && child.Kind == yaml.ScalarNode && child.ShortTag() != "!!merge" {
			child.Tag = "!!str"
		}
		asJSON(child, depth+1)
	}
}

// Bind returns the JSON of VCAP_SERVICES for an app with these services, as Cloud Controller writes
// it, and the names of missing services.
func (s Services) Bind(requested []Request) (services string, missing []string, err error) {
	type binding struct {
		Label        string         `json:"label"`
		Provider     *string        `json:"provider"`
		Plan         string         `json:"plan,omitempty"`
		Name         string         `json:"name"`
		Tags         []string       `json:"tags"`
		InstanceName string         `json:"instance_name"`
		BindingName  *string        `json:"binding_name"`
		Credentials  map[string]any `json:"credentials"`
		DrainURL     *string        `json:"syslog_drain_url"`
		VolumeMounts []string       `json:"volume_mounts"`
	}
	labels := map[string][]binding{}
	for _, r := range requested {
		one, known := s.instances[r.Name]
		if !known {
			missing = append(missing, r.Name)
			continue
		}
		b := binding{
			Label: one.label, Plan: one.plan, Name: r.Name, InstanceName: r.Name, Tags: one.tags, Credentials: one.credentials, VolumeMounts: []string{},
		}
		if b.Tags == nil {
			b.Tags = []string{}
		}
		if b.Credentials == nil {
			b.Credentials = map[string]any{}
		}
		if r.BindingName != "" {
			b.Name, b.BindingName = r.BindingName, &r.BindingName
		}
		labels[one.label] = append(labels[one.label], b)
	}
	content, err := json.Marshal(labels)
	if err != nil {
		return "", missing, fmt.Errorf("%s: failed to write the services as JSON: %w", s.Path, err)
	}
	return string(content), missing, nil
}

// Names returns the sorted names of the file's services.
func (s Services) Names() []string { return slices.Sorted(maps.Keys(s.instances)) }
