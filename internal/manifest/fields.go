package manifest

import "slices"

// fields are the values of an app or a process by Cloud Controller's names of the keys, with the
// spelling of each key.
type fields struct {
	base    []any
	values  map[string]any
	written map[string]string
	names   []string // in the order of the file
}

// fields normalizes the keys of a mapping. In an item of processes, keys are left as they are if
// the key processes itself has another spelling.
func (r *reader) fields(base []any, mapping object, underscored bool) fields {
	f := fields{base: base, values: map[string]any{}, written: map[string]string{}}
	for _, m := range mapping {
		written := text(m.key)
		name := written
		if underscored {
			name = underscore(written)
		}
		if earlier, twice := f.written[name]; twice {
			r.note(append(slices.Clone(base), written), "the keys %s and %s mean the same; Cloud Controller takes the value of %s", earlier, written, written)
		} else {
			f.names = append(f.names, name)
		}
		f.values[name], f.written[name] = m.value, written
	}
	return f
}

func (f fields) get(name string) (any, bool) {
	value, ok := f.values[name]
	return value, ok
}

// text returns a value as text; empty if there is none.
func (f fields) text(name string) string { return text(f.values[name]) }

// path returns the path to the value of a key, or to one below it.
func (f fields) path(name string, rest ...any) []any {
	return append(append(slices.Clone(f.base), f.written[name]), rest...)
}
