package forms

import (
	"bytes"
	"fmt"
)

// writeJSON writes what Jackson does: without blanks, and with only the escapes that JSON requires.
func writeJSON(out *bytes.Buffer, value any) {
	switch value := value.(type) {
	case *object:
		out.WriteByte('{')
		for i, key := range value.keys {
			if i > 0 {
				out.WriteByte(',')
			}
			writeJSONString(out, key)
			out.WriteByte(':')
			writeJSON(out, value.values[key])
		}
		out.WriteByte('}')
	case *list:
		out.WriteByte('[')
		for i, item := range value.items {
			if i > 0 {
				out.WriteByte(',')
			}
			writeJSON(out, item)
		}
		out.WriteByte(']')
	case string:
		writeJSONString(out, value)
	default:
		out.WriteString(text(value))
	}
}

func writeJSONString(out *bytes.Buffer, text string) {
	out.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r < ' ':
			if i := bytes.IndexRune([]byte("\b\t\n\f\r"), r); i >= 0 {
				out.WriteString(`\` + "btnfr"[i:i+1])
			} else {
				fmt.Fprintf(out, `\u%04X`, r)
			}
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
}
