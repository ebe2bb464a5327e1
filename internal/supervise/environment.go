package supervise

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// An environment is a list of NAME=VALUE.
type environment []string

func (e environment) lookup(name string) string { return env.Get(e, name) }

// with is the environment with more variables, each of which may refer to those
// before it.
func (e environment) with(more []supervision.Variable) environment {
	for _, v := range more {
		e = e.set(v.Name, e.expand(v.Value))
	}
	return e
}

// set is the environment with one variable, as it stands.
func (e environment) set(name, value string) environment {
	var others environment
	for _, set := range e {
		if !strings.HasPrefix(set, name+"=") {
			others = append(others, set)
		}
	}
	return append(others, name+"="+value)
}

// expand replaces $NAME, ${NAME} and ${NAME:-OTHERWISE}, and nothing else. What is not
// set is empty, or OTHERWISE, which is also in the place of what is empty.
func (e environment) expand(text string) string {
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
			expanded.WriteString(cmp.Or(e.lookup(name), otherwise))
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
