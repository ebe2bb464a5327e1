package springlayout

// Values are the flat keys of a document with what they have, in the order of the file.
type values struct {
	byKey map[string]any
	order []string
}

func newValues() *values { return &values{byKey: map[string]any{}} }

// put sets a key, which stays in its place if it is there already.
func (v *values) put(key string, value any) {
	if _, has := v.byKey[key]; !has {
		v.order = append(v.order, key)
	}
	v.byKey[key] = value
}

func (v *values) len() int { return len(v.byKey) }
