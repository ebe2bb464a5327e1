package forms

import (
	"errors"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Why Nested leaves out a key.
const (
	noPlace   = "it is neither a name nor an item of a list"
	otherKind = "it is in a list or an object where another key has something else"
)

// Nested is the environment as encoding/json would decode its JSON, with placeholders replaced, but
// those that have no value. A key that has no place in the form is left out, and so is one whose placeholder
// refers to itself, or null takes its place in a list: all others are served. If a key is a list in one source and something
// else in another, the first source wins.
//
// The error says that the form is too large, by one of its keys. Neither that nor a reason has a value in it.
func Nested(env environment.Environment) (map[string]any, []environment.Omission, error) {
	flat := merge(env)
	root, omitted, err := nestPossible(flat, overridden(env, flat.keys))
	if err != nil {
		return nil, nil, err
	}
	resolver := newResolver(env)
	resolver.lenient = true
	if root, err = resolver.object(root); err != nil {
		return nil, nil, err
	}
	return plainObject(root), append(omitted, resolver.omitted...), nil
}

// nestPossible is nest, without the keys that are overridden, and without those that have no place.
func nestPossible(flat *object, overridden map[string]bool) (*object, []environment.Omission, error) {
	root, n := newObject(), nester{}
	var omitted []environment.Omission
	for _, key := range flat.keys {
		if overridden[key] {
			continue
		}
		err := possible(key)
		if err == nil {
			err = n.add(root, key, flat.values[key]) // if keys exclude each other, it has changed nothing
		}
		switch {
		case errors.Is(err, ErrInvalid):
			omitted = append(omitted, environment.Omission{Key: key, Reason: noPlace})
		case errors.Is(err, errContradiction):
			omitted = append(omitted, environment.Omission{Key: key, Reason: otherKind})
		case err != nil:
			return nil, nil, err
		}
	}
	return root, omitted, nil
}

// possible is the error of a key that has no place in any form.
func possible(key string) error {
	p := path{key, key}
	for kind := inObject; kind != leaf; {
		var err error
		if kind == inObject {
			_, kind, err = p.name()
		} else {
			_, kind, err = p.index()
		}
		if err != nil {
			return err
		}
	}
	return nil
}
