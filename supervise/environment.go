package supervise

import "strings"

// An environment is a list of NAME=VALUE.
type environment []string

// lookup finds a variable's value; of a name that is set twice, the last one
// counts.
func (e environment) lookup(name string) string {
	for i := len(e) - 1; i >= 0; i-- {
		if key, value, _ := strings.Cut(e[i], "="); key == name {
			return value
		}
	}
	return ""
}

// with is the environment with more variables, each of which may refer to those
// before it.
func (e environment) with(more []Variable) environment {
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

// expand replaces $NAME and ${NAME}, and nothing else. What is not set is empty.
func (e environment) expand(text string) string {
	var expanded strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		expanded.WriteString(before)
		if !found {
			return expanded.String()
		}
		name, rest := reference(after)
		if name == "" {
			expanded.WriteByte('$')
		} else {
			expanded.WriteString(e.lookup(name))
		}
		text = rest
	}
}

// reference is the name that a text behind a dollar sign begins with, empty where
// it is none, and what comes after.
func reference(text string) (name, rest string) {
	braced := strings.HasPrefix(text, "{")
	name = strings.TrimPrefix(text, "{")
	end := 0
	for end < len(name) && isNameByte(name[end], end == 0) {
		end++
	}
	name, rest = name[:end], name[end:]
	if braced {
		if !strings.HasPrefix(rest, "}") {
			return "", text
		}
		rest = rest[1:]
	}
	if name == "" {
		return "", text
	}
	return name, rest
}

func isNameByte(char byte, first bool) bool {
	return char == '_' || char >= 'a' && char <= 'z' || char >= 'A' && char <= 'Z' || !first && char >= '0' && char <= '9'
}
