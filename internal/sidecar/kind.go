package sidecar

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// A kind is a type of value: how it is read, shown and described. The zero value of T means that
// nothing is set.
type kind[T any] struct {
	// read reads a node. It reports problems, and then returns the zero value, or the valid items
	// of a list.
	read func(w *decoder, node *yaml.Node, what string) T
	// shown returns a value as text, one string for each item of a list, or nothing for the
	// default.
	shown func(T) []string
	// fromVariable converts the text of an environment variable to a node.
	fromVariable func(text string) *yaml.Node
	schema       schema
}

// A schema is a part of a JSON Schema that encoding/json can write: for a dozen keywords, no
// library is needed. The specs use one to check how an editor would apply the schema.
type schema map[string]any

// textSchema is the schema of text that is not blank, and has at most this many characters.
func textSchema(maximum int) schema {
	return schema{"type": "string", "pattern": `\S`, "maxLength": maximum}
}

// shownText is shown for text.
func shownText(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func shownNumber(number int) []string {
	if number == 0 {
		return nil
	}
	return []string{strconv.Itoa(number)}
}

func shownList(items []string) []string { return items }

// decimal returns a number in decimal digits, also one that YAML allows to write as 1_000 or 0x10.
func decimal(node *yaml.Node) string {
	var number int64
	if node.ShortTag() == "!!int" && node.Decode(&number) == nil {
		return strconv.FormatInt(number, 10)
	}
	return node.Value
}

// readText reads a string that is not blank and no longer than the platform allows.
func (w *decoder) readText(node *yaml.Node, what string, maximum int) (string, bool) {
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!str" {
		want := "text"
		if node.Kind == yaml.ScalarNode && !isNull(node) {
			want = "text, which here needs quotes: " + quote(node.Value)
		}
		w.problem(node, what, describe(node), want)
		return "", false
	}
	if strings.TrimSpace(node.Value) == "" {
		w.problem(node, what, "blank text "+quote(node.Value), "text that is not blank")
		return "", false
	}
	if !utf8.ValidString(node.Value) || strings.ContainsRune(node.Value, 0) {
		w.problem(node, what, quote(node.Value), "text in UTF-8 and without NUL, which no program can be started with")
		return "", false
	}
	if length := utf8.RuneCountInString(node.Value); length > maximum {
		w.problem(node, what, fmt.Sprintf("%d characters", length), fmt.Sprintf("at most %d", maximum))
		return "", false
	}
	return node.Value, w.countText(node)
}
