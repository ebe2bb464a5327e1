package manifest

import "slices"

// fields are the keys of an app or a process by the names that Cloud Controller
// has for them, each with the way that it is written.
type fields struct {
	base    []any
	values  map[string]any
	written map[string]string
	names   []string // in their order
}

// fields finds out what the keys of a mapping mean. Of an item of processes they
// are taken as they are where the key processes itself was written otherwise.
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

// text is the text of a value, or empty without a value.
func (f fields) text(name string) string { return text(f.values[name]) }

// path leads to the value of a key, or to one below it.
func (f fields) path(name string, rest ...any) []any {
	return append(append(slices.Clone(f.base), f.written[name]), rest...)
}
