package plainsource

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

const maxConfigSize = 1 << 20

// compact returns content without insignificant white space, with a trailing newline. It preserves the order of
// keys, the digits of numbers and the spelling of strings. source names content in errors.
func compact(source string, content []byte) ([]byte, error) {
	if len(content) > maxConfigSize {
		return nil, fmt.Errorf("%s is too large: the configuration may have at most 1 MiB (%d bytes)", source, maxConfigSize)
	}

	// Some editors write a byte order mark first.
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if len(bytes.TrimSpace(content)) == 0 {
		return nil, fmt.Errorf("%s is empty: it must hold the configuration as JSON", source)
	}

	// encoding/json would accept it, but the app's parser might not.
	if at := invalidUTF8(content); at >= 0 {
		return nil, fmt.Errorf("%s is not valid JSON: %s: this is not UTF-8: save the configuration as UTF-8", source, position(content, at))
	}

	var compacted bytes.Buffer
	if err := json.Compact(&compacted, content); err != nil {
		// Not wrapped: its text quotes the configuration.
		at, problem := explain(content)
		return nil, fmt.Errorf("%s is not valid JSON: %s: %s", source, position(content, at), problem)
	}
	compacted.WriteByte('\n')
	return compacted.Bytes(), nil
}

func invalidUTF8(content []byte) int {
	for at := 0; at < len(content); {
		char, size := utf8.DecodeRune(content[at:])
		if char == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// position counts lines and characters from 1, as editors do.
func position(content []byte, at int) string {
	before := content[:at]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
}
