package render

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A writer writes random templates that are well formed.
type writer struct {
	*rand.Rand
	variables []string
	inRange   bool
}

func (w *writer) oneOf(all ...string) string { return all[w.IntN(len(all))] }

// value is an expression, in parentheses if it has several words.
func (w *writer) value(depth int) string {
	if depth > 0 && w.IntN(2) == 0 {
		return "(" + w.pipeline(depth-1) + ")" + w.oneOf("", "", "", ".text", ".Name", ".object.text")
	}
	return w.oneOf(append([]string{`"abc"`, `"text"`, `""`, `"%s"`, "0", "1", "-1", "3", "1.5", "true", "false", "nil", ".", "$", ".App", ".App.Name", ".App.URIs", ".App.InstanceIndex", ".App.Nope",
		".Memory", ".Memory.Bytes", ".Index", ".Name", ".Files", ".Nope", "$.App.Name", "$.App.URIs", "$.Index", ".text", "$.Nope"}, w.variables...)...)
}

func (w *writer) command(depth int) string {
	word := func(name string, least, most int) string {
		for range least + w.IntN(most-least+1) {
			name += " " + w.value(depth)
		}
		return name
	}
	key := w.oneOf(`"text"`, `"list"`, `"object"`, `"key"`, `"abc"`, `"nope"`, w.value(depth))
	switch w.IntN(12) {
	case 0:
		return w.oneOf("binding ", "text ", "binding ") + key + w.oneOf("", "", "", ` "apm"`, ` "nope"`, ` `+w.value(depth))
	case 1:
		return w.oneOf("env", "file") + " " + w.oneOf(`"TEXT"`, `"text"`, `"EMPTY"`, `"../x"`, `"a=b"`, `""`, w.value(depth))
	case 2:
		return "config " + w.oneOf(`"text"`, `"abc"`)
	case 3:
		return "cert" + w.oneOf("", ` "key"`, ` "certificate"`, ` "foo"`, " "+w.value(depth))
	case 4:
		return word(w.oneOf("json", "yaml", "toml", "base64", "len", "not"), 0, 2)
	case 5:
		return word(w.oneOf("eq", "ne", "lt", "le", "gt", "ge"), 1, 3)
	case 6:
		return word(w.oneOf("index", "slice"), 0, 3)
	case 7:
		return word(w.oneOf("and", "or"), 0, 3)
	case 8:
		return word(w.oneOf("print", "printf", "println", "html", "js", "urlquery"), 0, 2)
	case 9:
		return word(w.oneOf("default", "call"), 0, 2)
	default:
		return w.value(depth)
	}
}

func (w *writer) pipeline(depth int) string {
	text := w.command(depth)
	for w.IntN(3) == 0 {
		text += " | " + w.oneOf("json", "yaml", "toml", "base64", "len", "not", "print", "html", `default "abc"`, `default 1`, "eq 1", `eq "abc"`, "index .App.URIs", `printf "%s"`, "env", "file", "cert", "binding", "and", "or 1", "slice", ".App.Name")
	}
	return text
}

func (w *writer) list(depth int) string {
	var text strings.Builder
	before := len(w.variables)
	for range 1 + w.IntN(2) {
		text.WriteString(w.node(depth))
	}
	w.variables = w.variables[:before]
	return text.String()
}

func (w *writer) node(depth int) string {
	if depth > 0 {
		switch w.IntN(9) {
		case 0, 1:
			return w.block(depth, w.oneOf("if", "with")+" "+w.pipeline(1), w.inRange)
		case 2:
			return w.block(depth, "range "+w.oneOf("", "", "$i, $v := ", "$v := ")+w.oneOf("3", "0", `binding "list"`, ".App.URIs", w.pipeline(1)), true)
		case 3:
			return "{{ template " + w.oneOf(`"one"`, `"two"`) + " " + w.oneOf("", ".", ".", ".App", w.value(1)) + " }}"
		}
	}
	switch name := w.oneOf("$x", "$y"); w.IntN(7) {
	case 0:
		text := "{{ " + name + " := " + w.pipeline(1) + " }}"
		w.variables = append(w.variables, name)
		return text
	case 1:
		if len(w.variables) > 0 {
			return "{{ " + w.oneOf(w.variables...) + " = " + w.pipeline(1) + " }}"
		}
	case 2:
		if w.inRange {
			return w.oneOf("{{ break }}", "{{ continue }}", "{{ if .Index }}{{ break }}{{ end }}", "{{ if $.Index }}{{ continue }}{{ end }}")
		}
	}
	return "{{ " + w.pipeline(2) + " }}"
}

func (w *writer) block(depth int, head string, inRange bool) string {
	outside := w.inRange
	w.inRange = inRange
	text := "{{ " + head + " }}" + w.list(depth-1)
	w.inRange = outside
	if w.IntN(2) == 0 {
		text += "{{ else }}" + w.list(depth-1)
	}
	return text + "{{ end }}"
}

func (w *writer) template() string {
	text := w.list(2)
	for _, name := range []string{"one", "two"} {
		text += fmt.Sprintf("{{ define %q }}%s{{ end }}", name, w.list(1))
	}
	return text
}
