package bindings

import (
	"bytes"
	"encoding/json"
	"strings"
)

// written returns JSON as the platform writes it, however it was written before: without white space, and with
// texts that escape only what they must. The order of keys and the digits of numbers stay.
func written(valid []byte) []byte {
	var written bytes.Buffer
	rest := compact(valid)
	for {
		at := bytes.IndexByte(rest, '"')
		if at < 0 {
			written.Write(rest)
			return written.Bytes()
		}
		written.Write(rest[:at])
		end := at + textLength(rest[at:])
		var text string
		if err := json.Unmarshal(rest[at:end], &text); err != nil {
			return valid // it is valid
		}
		encoded, _ := encode(text) // a text can always be encoded
		written.WriteString(encoded)
		rest = rest[end:]
	}
}

// textLength returns the length of the text in quotes that valid JSON begins with.
func textLength(valid []byte) int {
	for i := 1; i < len(valid); i++ {
		switch valid[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(valid)
}

// encode returns a value as JSON on one line.
func encode(value any) (string, error) {
	var written strings.Builder
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return strings.TrimSuffix(written.String(), "\n"), err
}

// structured returns each credential that is a list or an object as the platform writes it, by key.
func structured(credentials json.RawMessage) map[string]string {
	var raw map[string]json.RawMessage
	if json.Unmarshal(credentials, &raw) != nil {
		return nil // there are none
	}
	var lists map[string]string
	for key, value := range raw {
		if value[0] == '[' || value[0] == '{' {
			if lists == nil {
				lists = map[string]string{}
			}
			lists[key] = string(written(value))
		}
	}
	return lists
}

// compact removes the white space between the parts of JSON.
func compact(valid []byte) []byte {
	var written bytes.Buffer
	if err := json.Compact(&written, valid); err != nil {
		return valid // it is valid
	}
	return written.Bytes()
}
