package springlayout

// Values are the flat keys of a document with what they have, in the order of the file.
type values struct {
	byKey map[string]any
	order []string
	// bytes are those of keys and text. A key is written in full for each of its values, and an alias comes to
	// all of the text that it refers to, so that they may be many more than the file has.
	bytes int
}

func newValues() *values { return &values{byKey: map[string]any{}} }

// put sets a key, which stays in its place if it is there already. A value beyond the limit for an
// answer is left out, and isTooLarge reports it.
func (v *values) put(key string, value any) {
	v.bytes += len(key)
	if text, is := value.(string); is {
		v.bytes += len(text)
	}
	if v.isTooLarge() {
		return
	}
	if _, has := v.byKey[key]; !has {
		v.order = append(v.order, key)
	}
	v.byKey[key] = value
}

func (v *values) isTooLarge() bool { return v.bytes > maxBytes }

func (v *values) len() int { return len(v.byKey) }
