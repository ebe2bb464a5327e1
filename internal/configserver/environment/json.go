package environment

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// MarshalJSON writes {"name": …, "source": {…}} with the keys of the source in their order.
func (p PropertySource) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(`{"name":`)
	if err := encode(&out, p.Name); err != nil {
		return nil, err
	}
	out.WriteString(`,"source":{`)
	for i, key := range p.Keys() {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := encode(&out, key); err != nil {
			return nil, err
		}
		out.WriteByte(':')
		if err := encode(&out, p.Source[key]); err != nil {
			return nil, err
		}
	}
	out.WriteString("}}")
	return out.Bytes(), nil
}

func encode(out *bytes.Buffer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	out.Truncate(out.Len() - 1) // the line break
	return err
}

// UnmarshalJSON reads what MarshalJSON writes, and what Spring's server answers. It keeps the
// order of the keys, and numbers as they are. Source is nil if it is missing or null.
func (p *PropertySource) UnmarshalJSON(text []byte) error {
	var read struct {
		Name   string          `json:"name"`
		Source json.RawMessage `json:"source"`
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
		name := key.(string) // in an object, it is
		p.Source[name] = value
		p.Order = append(p.Order, name)
	}
	return nil
}
