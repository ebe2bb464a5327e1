package forms

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Nested returns the environment as encoding/json would decode its JSON. Placeholders are replaced, except those
// without a value. It differs from Spring's forms (JSON and YAML) in these rules:
//
//   - The first source that has a key decides whether it is a value, a list or an object. Only objects are merged.
//   - Items with the indexes 0 to n-1 are a list. With others, such as errors[404], they are an object.
//   - A key in brackets, such as a[b.c], is the key b.c of a.
//   - If one source has a value at a key and keys below it, such as a and a.b, both are keys of the same object.
//   - A key with an empty name in it, such as a..b, is left out. So is a value whose placeholder refers to itself;
//     in a list, null takes its place.
//
// The error says that the form is too large. Neither errors nor omissions contain a value.
func Nested(env environment.Environment) (map[string]any, []environment.Omission, error) {
	root, noPlace := &branch{}, map[string]bool{}
	for _, source := range env.PropertySources {
		tree, err := grow(source, noPlace)
		if err != nil {
			return nil, nil, err
		}
		root.addChildren(tree)
	}
	var omitted []environment.Omission
	for _, key := range slices.Sorted(maps.Keys(noPlace)) {
		omitted = append(omitted, environment.Omission{Key: key, Reason: "it is neither a name nor an item of a list"})
	}
	resolver := newResolver(env)
	resolver.lenient = true
	object, err := root.object(resolver)
	if err != nil {
		return nil, nil, err
	}
	return object, append(omitted, resolver.omitted...), nil
}

// plain returns what encoding/json would decode. It takes the branch apart, so that memory never holds a large
// one twice.
func (b *branch) plain(resolver *resolver) (any, error) {
	switch {
	case b.hasValue:
		return resolver.value(b.value)
	case b.isList():
		return b.list(resolver)
	default:
		return b.object(resolver)
	}
}

func (b *branch) list(resolver *resolver) ([]any, error) {
	items := make([]any, len(b.children))
	for i := range items {
		item := b.children[strconv.Itoa(i)]
		omitted, err := resolver.omitCircular("["+strconv.Itoa(i)+"]", func() (err error) {
			items[i], err = item.plain(resolver)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		if omitted {
			items[i] = nil
		}
	}
	b.children = nil
	return items, nil
}

func (b *branch) object(resolver *resolver) (map[string]any, error) {
	object := make(map[string]any, len(b.children))
	return object, b.fill(object, "", resolver)
}

// fill adds the children to an object. The children of a child that also has a value become keys of the same
// object, with longer names.
func (b *branch) fill(object map[string]any, prefix string, resolver *resolver) error {
	for _, name := range slices.Sorted(maps.Keys(b.children)) {
		child, key := b.children[name], prefix+name
		var value any
		omitted, err := resolver.omitCircular("."+key, func() (err error) {
			value, err = child.plain(resolver)
			return err
		})
		if err == nil && child.hasValue {
			err = child.fill(object, key+".", resolver)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if !omitted {
			object[key] = value
		}
	}
	b.children = nil
	return nil
}
