package springlayout

// values are the flat keys of a document and their values, in the order of the file.
type values struct {
	byKey map[string]any
	order []string
	// bytes counts keys and text. Each value counts its full key, and each alias all of the text that it refers
	// to, so that the sum may exceed the file's size by far.
	bytes int
}

func newValues() *values { return &values{byKey: map[string]any{}} }

// put sets a key. An existing key keeps its position. It drops a value beyond the limit for an answer, which
// isTooLarge reports.
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
