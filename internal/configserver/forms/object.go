package forms

import "slices"

// object is a map that preserves the order of its keys. Values are scalars, *object and *list.
type object struct {
	keys   []string
	values map[string]any
}

type list struct{ items []any }

func newObject() *object { return &object{values: map[string]any{}} }

func (o *object) get(key string) (any, bool) {
	value, ok := o.values[key]
	return value, ok
}

// set appends a key, or replaces its value in place.
func (o *object) set(key string, value any) {
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

func (o *object) remove(key string) {
	if _, ok := o.values[key]; ok {
		delete(o.values, key)
		o.keys = slices.DeleteFunc(o.keys, func(k string) bool { return k == key })
	}
}
