package env

import (
	"cmp"
	"strings"
	"unicode/utf8"
)

// Expand replaces $NAME, ${NAME} and ${NAME:-OTHERWISE} by values of an environment, and
// nothing else. What is not set is empty, or OTHERWISE, which is also in the place of what is empty.
func Expand(environ []string, text string) string {
	var expanded strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		expanded.WriteString(before)
		if !found {
			return expanded.String()
		}
		name, otherwise, rest := reference(after)
		if name == "" {
			expanded.WriteByte('$')
		} else {
			expanded.WriteString(cmp.Or(Get(environ, name), otherwise))
		}
		text = rest
	}
}

// reference is the name that a text behind a dollar sign begins with, empty where
// it is none, what stands for it where it has no value, and what comes after.
func reference(text string) (name, otherwise, rest string) {
	braced := strings.HasPrefix(text, "{")
	name = strings.TrimPrefix(text, "{")
	end := 0
	for end < len(name) && isNameByte(name[end], end == 0) {
		end++
	}
	name, rest = name[:end], name[end:]
	if braced {
		if after, found := strings.CutPrefix(rest, ":-"); found {
			end := strings.IndexFunc(after, func(char rune) bool { return !isPlain(char) })
			if end < 0 {
				return "", "", text
			}
			otherwise, rest = after[:end], after[end:]
		}
		if !strings.HasPrefix(rest, "}") {
			return "", "", text
		}
		rest = rest[1:]
	}
	if name == "" {
		return "", "", text
	}
	return name, otherwise, rest
}

// isPlain tells the characters that OTHERWISE may have, which no shell knows as special.
func isPlain(char rune) bool {
	return char < utf8.RuneSelf && isNameByte(byte(char), false) || strings.ContainsRune("./:@%+,-", char)
}

func isNameByte(char byte, first bool) bool {
	return char == '_' || char >= 'a' && char <= 'z' || char >= 'A' && char <= 'Z' || !first && char >= '0' && char <= '9'
}
