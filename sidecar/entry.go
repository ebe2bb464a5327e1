package sidecar

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
)

// An entry is what one source says of one sidecar. A field that it does not
// state is nil; one that it states wrongly is reported and empty.
type entry struct {
	name         string
	at           Position
	command      *string
	processTypes []string
	memory       *memory.Size
	dependency   *string
	version      *string
	executable   *string
	strip        *int
	artifact     *Artifact
	appEnv       []Variable // nil: not stated
	appEnvFrom   string     // the environment variable that states it, or empty
	own          bool       // executable is one of the buildpack's own programs
	supervised
}

// label is how problems name the sidecar.
func (e *entry) label() string {
	return "sidecar " + quote(e.name)
}

// A field is one key of a sidecar, the same in every source that is written by
// a user.
type field struct {
	key  string
	read func(w *walk, node *yaml.Node, what string, into *entry)
	// fromVariable makes the node that the text of an environment variable
	// stands for.
	fromVariable func(text string) *yaml.Node
}

const (
	nameKey     = "name"
	artifactKey = "artifact"
)

var fields = slices.Concat([]field{
	{key: "command", read: readCommand, fromVariable: textNode},
	{key: "process_types", read: readProcessTypes, fromVariable: listNode},
	{key: "memory", read: readMemory, fromVariable: textNode},
	{key: "dependency", read: readDependency, fromVariable: textNode},
	{key: "version", read: readVersion, fromVariable: textNode},
	{key: "executable", read: readExecutable, fromVariable: textNode},
	{key: "strip", read: readStrip, fromVariable: textNode},
	{key: artifactKey, read: readArtifact, fromVariable: yamlNode},
	{key: AppEnvKey, read: readAppEnv, fromVariable: yamlNode},
}, supervisionFields)

func fieldNamed(fields []field, key string) (field, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.key == key })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

// keysOf are the keys that a sidecar may have.
func keysOf(fields []field) []string {
	keys := []string{nameKey}
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	return keys
}

// knownKeys lists the keys that a sidecar may have, for a message.
func knownKeys(fields []field) string { return strings.Join(keysOf(fields), ", ") }

func readCommand(w *walk, node *yaml.Node, what string, into *entry) {
	command, _ := w.readText(node, what+": command", MaxCommandLength)
	into.command = &command
}

func readProcessTypes(w *walk, node *yaml.Node, what string, into *entry) {
	what += ": process_types"
	into.processTypes = []string{}
	if node.Kind != yaml.SequenceNode {
		w.problem(node, what, describe(node), "a list such as [web]")
		return
	}
	if len(node.Content) == 0 {
		w.problem(node, what, "an empty list", "at least one process type, such as [web]")
		return
	}
	seen := map[string]bool{}
	for _, item := range node.Content {
		item, ok := w.enter(item)
		if !ok {
			return
		}
		name, ok := w.readText(item, what, MaxProcessTypeLength)
		switch {
		case !ok:
		case seen[name]:
			w.problem(item, what, quote(name)+" a second time", "each process type once")
		default:
			seen[name] = true
			into.processTypes = append(into.processTypes, name)
		}
	}
}

func readMemory(w *walk, node *yaml.Node, what string, into *entry) {
	what += ": memory"
	const want = "a whole number of MB above 0, such as 128 or 128M"
	if tag := node.ShortTag(); tag != "!!str" && tag != "!!int" {
		w.problem(node, what, describe(node), want)
		return
	}
	size, err := memory.Parse(decimal(node))
	var invalid *memory.ParseError
	switch {
	case errors.As(err, &invalid):
		w.problem(node, what, describe(node), invalid.Want)
	case size == 0:
		w.problem(node, what, describe(node)+", which is 0 whole MB", want)
	default:
		into.memory = &size
	}
}

// decimal is a number's text without YAML's other ways to write one: 1_000, 0x10.
func decimal(node *yaml.Node) string {
	var number int64
	if node.ShortTag() == "!!int" && node.Decode(&number) == nil {
		return strconv.FormatInt(number, 10)
	}
	return node.Value
}

// readText reads a string that is not blank and no longer than the platform takes.
func (w *walk) readText(node *yaml.Node, what string, most int) (string, bool) {
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
	if length := utf8.RuneCountInString(node.Value); length > most {
		w.problem(node, what, fmt.Sprintf("%d characters", length), fmt.Sprintf("at most %d", most))
		return "", false
	}
	return node.Value, w.take(node)
}
