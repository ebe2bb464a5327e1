package forms

import (
	"errors"
	"fmt"
	"strings"
)

// maxItems limits the list items of one answer. A key such as a[2000000000] asks for that many.
const maxItems = 1_000_000

// maxDepth limits the levels of one key.
const maxDepth = 1_000

// nest builds objects and lists from flat keys: a.b, a[0].b, a[0][1]. If a key already has a scalar, keys below
// it keep the rest of their name: a and a.b become two keys of one object, as in logging.level.org and
// logging.level.org.app.
func nest(flat *object) (*object, error) {
	root, n := newObject(), nester{}
	for _, key := range flat.keys {
		if err := n.add(root, key, flat.values[key]); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// nester follows one key at a time.
type nester struct {
	path
	prefix string // of the last part of the key, whose parent is a scalar
	items  int
}

func (n *nester) add(root *object, key string, value any) error {
	n.path, n.prefix = path{key, key}, ""
	if strings.Count(key, ".")+strings.Count(key, "[") > maxDepth {
		return fmt.Errorf("the key %.40q… has more than %d levels", key, maxDepth)
	}
	return n.addToObject(root, value)
}

func (n *nester) addToObject(parent *object, value any) error {
	name, kind, err := n.name()
	if err != nil {
		return err
	}
	child, _ := parent.get(name)
	switch kind {
	case inObject:
		below, isObject := child.(*object)
		switch {
		case isObject:
		case child != nil:
			n.prefix, below = name+".", parent
		default:
			below = newObject()
			parent.set(name, below)
		}
		return n.addToObject(below, value)
	case inList:
		if child == nil {
			child = &list{}
			parent.set(name, child)
		}
		below, ok := child.(*list)
		if !ok {
			return n.contradiction()
		}
		return n.addToList(below, value)
	default:
		parent.set(n.prefix+name, value)
		return nil
	}
}

func (n *nester) addToList(parent *list, value any) error {
	index, kind, err := n.index()
	if err != nil {
		return err
	}
	if missing := index + 1 - len(parent.items); missing > 0 {
		if n.items += missing; n.items > maxItems {
			return fmt.Errorf("lists with more than %d items, by the key %q", maxItems, n.key)
		}
		parent.items = append(parent.items, make([]any, missing)...)
	}
	child := parent.items[index]
	switch kind {
	case inObject:
		if child == nil {
			child = newObject()
			parent.items[index] = child
		}
		if below, ok := child.(*object); ok {
			return n.addToObject(below, value)
		}
		return n.contradiction()
	case inList:
		if child == nil {
			child = &list{}
			parent.items[index] = child
		}
		if below, ok := child.(*list); ok {
			return n.addToList(below, value)
		}
		return n.contradiction()
	default:
		parent.items[index] = value
		return nil
	}
}

func (n *nester) contradiction() error {
	return fmt.Errorf("the key %q is in a list or an object where another key has something else: %w", n.key, errContradiction)
}

var errContradiction = errors.New("keys that exclude each other")
