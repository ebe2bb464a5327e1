package environment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// MarshalJSON returns what WriteJSON writes. Package json removes the line breaks.
func (p PropertySource) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	err := p.WriteJSON(&out)
	return out.Bytes(), err
}

// WriteJSON writes {"name": …, "source": {…}} with the keys of the source in order, and a line break after each
// key and value.
func (p PropertySource) WriteJSON(out io.Writer) error {
	w := jsonWriter{out: out, encoder: json.NewEncoder(out)}
	w.encoder.SetEscapeHTML(false)
	w.text(`{"name":`)
	w.value(p.Name)
	w.text(`,"source":{`)
	for i, key := range p.Keys() {
		if i > 0 {
			w.text(",")
		}
		w.value(key)
		w.text(":")
		w.value(p.Source[key])
	}
	w.text("}}")
	return w.err
}

// jsonWriter keeps its first error, and writes nothing after it.
type jsonWriter struct {
	out     io.Writer
	encoder *json.Encoder // to out
	err     error
}

func (w *jsonWriter) text(text string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.out, text)
	}
}

func (w *jsonWriter) value(value any) {
	if w.err == nil {
		w.err = w.encoder.Encode(value)
	}
}

// uncopied is JSON that aliases the text that it was decoded from.
type uncopied []byte

func (u *uncopied) UnmarshalJSON(text []byte) error {
	*u = text
	return nil
}

// UnmarshalJSON decodes what MarshalJSON writes, and what Spring's server answers. It preserves the order of the
// keys, and numbers as written. Source is nil if it is missing or null.
func (p *PropertySource) UnmarshalJSON(text []byte) error {
	var read struct {
		Name   string   `json:"name"`
		Source uncopied `json:"source"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	*p = PropertySource{Name: read.Name}
	if len(read.Source) == 0 || string(read.Source) == "null" {
		return nil
	}
	p.Source = map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(read.Source))
	decoder.UseNumber()
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return fmt.Errorf("the source of %q is not a JSON object", read.Name)
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		var value any
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		name := key.(string) // always, in an object
		p.Source[name] = value
		p.Order = append(p.Order, name)
	}
	return nil
}
