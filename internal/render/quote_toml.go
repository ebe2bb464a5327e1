package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// toTOML writes a value as TOML 1.0 on one line: text in double quotes, a list in brackets, an
// object as an inline table.
func toTOML(value any) (string, error) {
	simple, err := simplify(value)
	if err != nil {
		return "", err
	}
	var w tomlWriter
	if err := w.write(simple); err != nil {
		return "", err
	}
	return w.String(), nil
}

type tomlWriter struct{ strings.Builder }

func (w *tomlWriter) write(value any) error {
	switch value := value.(type) {
	case string:
		w.text(value)
	case bool:
		w.WriteString(strconv.FormatBool(value))
	case json.Number:
		return w.number(value.String())
	case []any:
		return w.list(value)
	case map[string]any:
		return w.table(value)
	default:
		return errors.New("found null; expected a value, as TOML has no null")
	}
	return nil
}

func (w *tomlWriter) list(list []any) error {
	w.WriteByte('[')
	for i, item := range list {
		if i > 0 {
			w.WriteString(", ")
		}
		if err := w.write(item); err != nil {
			return err
		}
	}
	w.WriteByte(']')
	return nil
}

func (w *tomlWriter) table(table map[string]any) error {
	w.WriteByte('{')
	for i, key := range slices.Sorted(maps.Keys(table)) {
		if i > 0 {
			w.WriteString(", ")
		}
		w.text(key)
		w.WriteString(" = ")
		if err := w.write(table[key]); err != nil {
			return err
		}
	}
	w.WriteByte('}')
	return nil
}

// text writes a basic string, and escapes each character that TOML does not allow in one.
func (w *tomlWriter) text(text string) {
	w.WriteByte('"')
	for _, char := range text {
		switch {
		case char == '"' || char == '\\':
			w.WriteByte('\\')
			w.WriteRune(char)
		case char < ' ' || char == 0x7f:
			fmt.Fprintf(w, `\u%04X`, char)
		default:
			w.WriteRune(char)
		}
	}
	w.WriteByte('"')
}

// number writes a 64-bit integer or a float, the only numbers in TOML.
func (w *tomlWriter) number(number string) error {
	_, err := strconv.ParseInt(number, 10, 64)
	if err != nil && strings.ContainsAny(number, ".eE") {
		_, err = strconv.ParseFloat(number, 64)
	}
	if err != nil {
		return errors.New("found a number that TOML cannot hold; expected an integer of 64 bits or a float")
	}
	w.WriteString(number)
	return nil
}
