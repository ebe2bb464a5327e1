package sidecar

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

// text is text that is not blank, and has at most this many characters.
func text(maximum int) kind[string] {
	return kind[string]{
		read: func(w *decoder, node *yaml.Node, what string) string {
			text, _ := w.readText(node, what, maximum)
			return text
		},
		shown: shownText, fromVariable: textNode, schema: textSchema(maximum),
	}
}

// boolean is true or false.
var boolean = kind[bool]{
	read: func(w *decoder, node *yaml.Node, what string) bool {
		value, _ := w.readBoolean(node, what)
		return value
	},
	shown: func(value bool) []string {
		if !value {
			return nil
		}
		return []string{"true"}
	},
	fromVariable: textNode,
	schema:       schema{"anyOf": []schema{{"type": "boolean"}, {"type": "string", "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"}}},
}

// enabled is a boolean that is true by default, stored inverted.
var enabled = kind[bool]{
	read: func(w *decoder, node *yaml.Node, what string) bool {
		value, ok := w.readBoolean(node, what)
		return ok && !value
	},
	shown: func(disabled bool) []string {
		if !disabled {
			return nil
		}
		return []string{"false"}
	},
	fromVariable: textNode, schema: boolean.schema,
}

func (w *decoder) readBoolean(node *yaml.Node, what string) (value, ok bool) {
	value, err := strconv.ParseBool(strings.ToLower(node.Value))
	if node.Kind != yaml.ScalarNode || err != nil || len(node.Value) < len("true") {
		w.problem(node, what, describe(node), "true or false")
		return false, false
	}
	return value, true
}

// number is a whole number within a range; of is its unit.
func number(least, maximum int, of string) kind[int] {
	return kind[int]{
		read: func(w *decoder, node *yaml.Node, what string) int {
			number, err := strconv.Atoi(decimal(node))
			if node.Kind != yaml.ScalarNode || err != nil || number < least || number > maximum {
				w.problem(node, what, describe(node), fmt.Sprintf("a whole number %sfrom %d to %d", of, least, maximum))
				return 0
			}
			return number
		},
		shown: shownNumber, fromVariable: textNode,
		schema: schema{"type": "integer", "minimum": least, "maximum": maximum},
	}
}

// choice is one of a few words. The first is the default.
func choice(words ...string) kind[string] {
	return kind[string]{
		read: func(w *decoder, node *yaml.Node, what string) string {
			if node.Kind != yaml.ScalarNode || !slices.Contains(words, node.Value) {
				last := len(words) - 1
				w.problem(node, what, describe(node), strings.Join(words[:last], ", ")+" or "+words[last])
				return ""
			}
			return node.Value
		},
		shown: func(word string) []string {
			if word == words[0] {
				return nil
			}
			return shownText(word)
		},
		fromVariable: textNode, schema: schema{"enum": words},
	}
}

var endpointPattern = regexp.MustCompile(`^/[!-~]*$`)

// endpoint is the path of a URL.
var endpoint = kind[string]{
	read: func(w *decoder, node *yaml.Node, what string) string {
		text, ok := w.readText(node, what, maxURILength)
		if ok && !endpointPattern.MatchString(text) {
			w.problem(node, what, quote(text), "a path such as /health, without blanks")
			return ""
		}
		return text
	},
	shown: shownText, fromVariable: textNode,
	schema: schema{"type": "string", "pattern": endpointPattern.String(), "maxLength": maxURILength},
}

var portVariable = regexp.MustCompile(`^\$(` + env.Name + `|\{` + env.Name + `(:-[0-9]{1,5})?\})$`)

// port is a number, or the name of the variable that contains it.
var port = kind[string]{
	read: func(w *decoder, node *yaml.Node, what string) string {
		text := decimal(node)
		number, err := strconv.ParseUint(text, 10, 16)
		if node.Kind != yaml.ScalarNode || (err != nil || number == 0) && !portVariable.MatchString(text) {
			w.problem(node, what, describe(node), "a number from 1 to 65535, or the variable that holds it, such as $CONFIG_SERVER_PORT")
			return ""
		}
		return text
	},
	shown: shownText, fromVariable: textNode,
	schema: schema{"oneOf": []schema{{"type": "integer", "minimum": 1, "maximum": 65535}, {"type": "string", "pattern": portVariable.String() + "|^[0-9]{1,5}$"}}},
}

// size is an amount of memory.
var size = kind[memory.Size]{
	read: func(w *decoder, node *yaml.Node, what string) memory.Size {
		const want = "a whole number of MB above 0, such as 128 or 128M"
		if tag := node.ShortTag(); tag != "!!str" && tag != "!!int" {
			w.problem(node, what, describe(node), want)
			return 0
		}
		size, err := memory.Parse(decimal(node))
		var invalid *memory.ParseError
		switch {
		case errors.As(err, &invalid):
			w.problem(node, what, describe(node), invalid.Want)
		case size == 0:
			w.problem(node, what, describe(node)+", which is 0 whole MB", want)
		}
		return size
	},
	shown: func(size memory.Size) []string {
		if size == 0 {
			return nil
		}
		return []string{size.String()}
	},
	fromVariable: textNode,
	schema:       schema{"oneOf": []schema{{"type": "integer", "minimum": 1}, {"type": "string", "pattern": `^[0-9]+(\.[0-9]+)?([KkMmGgTt][Ii]?[Bb]?|[Bb])?$`}}},
}

// processTypes is a list of process types: at least one, without duplicates (CF-28).
var processTypes = kind[[]string]{
	read: func(w *decoder, node *yaml.Node, what string) []string {
		if node.Kind != yaml.SequenceNode {
			w.problem(node, what, describe(node), "a list such as [web]")
			return nil
		}
		if len(node.Content) == 0 {
			w.problem(node, what, "an empty list", "at least one process type, such as [web]")
			return nil
		}
		var types []string
		seen := map[string]bool{}
		for _, item := range node.Content {
			item = follow(item)
			name, ok := w.readText(item, what, MaxProcessTypeLength)
			switch {
			case !ok:
			case seen[name]:
				w.problem(item, what, quote(name)+" a second time", "each process type once")
			default:
				seen[name] = true
				types = append(types, name)
			}
		}
		return types
	},
	shown: shownList, fromVariable: listNode,
	schema: schema{"type": "array", "items": textSchema(MaxProcessTypeLength), "minItems": 1, "uniqueItems": true},
}

// sidecarNames is a list of sidecars' names.
var sidecarNames = kind[[]string]{
	read: func(w *decoder, node *yaml.Node, what string) []string {
		names := []string{}
		if node.Kind != yaml.SequenceNode {
			w.problem(node, what, describe(node), "a list of names of sidecars, such as [config-server]")
			return names
		}
		for _, item := range node.Content {
			item = follow(item)
			if name, ok := w.readText(item, what, MaxNameLength); ok && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		return names
	},
	shown: shownList, fromVariable: listNode,
	schema: schema{"type": "array", "items": textSchema(MaxNameLength)},
}
