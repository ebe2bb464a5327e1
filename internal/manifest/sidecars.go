package manifest

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// sidecars reads the sidecars block (CF-27 to CF-31). It adds the keys that Cloud Controller
// silently drops to dropped.
func (r *reader) sidecars(f fields, dropped *sidecar.Problems) []controller.AppSidecar {
	value, ok := f.get("sidecars")
	list, isList := value.([]any)
	if ok && !isList {
		r.refuse(f.path("sidecars"), "Sidecars must be an array of sidecar configurations", show(value), "a list, each item starting with - name:, or no key sidecars")
	}
	var all []controller.AppSidecar
	for i, item := range list {
		path := f.path("sidecars", i)
		mapping, isMapping := item.(object)
		if !isMapping {
			message := "no implicit conversion of Symbol into Integer"
			if item == nil {
				message = "undefined method `[]' for nil:NilClass"
			}
			r.fail(path, message, item, "a mapping with the key name")
			continue
		}
		read := r.sidecar(path, mapping)
		*dropped = append(*dropped, r.dropped(path, mapping, read.Name)...)
		if slices.ContainsFunc(all, func(s controller.AppSidecar) bool { return s.Name == read.Name && s.Name != "" }) {
			r.note(path, "sidecar %q is here a second time; Cloud Controller changes the first one to this", clip(read.Name))
		}
		all = append(all, read)
	}
	return all
}

// sidecarKeys are the keys of a sidecar that Cloud Controller reads (CF-31).
var sidecarKeys = sidecar.ManifestKeys()

func (r *reader) sidecar(path []any, mapping object) controller.AppSidecar {
	at := func(key string) []any { return append(slices.Clone(path), key) }
	name, _ := mapping.get("name")
	command, _ := mapping.get("command")
	types, _ := mapping.get("process_types")
	size, _ := mapping.get("memory")
	c := complaints{reader: r, name: name}

	if blank(name) {
		c.add(path, "Name can't be blank", name, "a name")
	}
	if _, isText := name.(string); !isText {
		c.add(at("name"), "Name must be a string", name, "text"+quotes(name))
	}
	if blank(command) {
		c.add(at("command"), "Command can't be blank", command, "a command")
	}
	if _, isText := command.(string); !isText {
		c.add(at("command"), "Command must be a string", command, "text"+quotes(command))
	}
	list, isList := types.([]any)
	if !isList {
		c.add(at("process_types"), "Process types must be an array", types, "a list such as [web]")
	}
	if isList && len(list) == 0 || types == nil || types == "" {
		c.add(at("process_types"), "Process types must have at least 1 process_type", types, "a list such as [web]")
	}
	read := controller.AppSidecar{Name: text(name), Command: text(command), At: r.lines.at(append(slices.Clone(path), "name")...)}
	if size != nil {
		read.Memory, read.MemoryIsText = r.sidecarMemory(at("memory"), size, c)
	}
	var fatal bool
	read.ProcessTypes, read.Lookup, fatal = processTypes(list)
	if fatal || (read.Lookup != "" && size != nil) {
		r.fail(at("process_types"), read.Lookup, types, "types that are text, in quotes where they look like another kind")
	}
	for i, processType := range read.ProcessTypes {
		r.noteChanged(append(at("process_types"), i), "process_types", processType.Text, inQuotes)
	}
	return read
}

// complaints collects what is wrong with one sidecar.
type complaints struct {
	reader *reader
	name   any
}

func (c complaints) add(path []any, message string, found any, want string) {
	if blank(c.name) {
		message = "Sidecar " + strings.ToLower(message[:1]) + message[1:]
	} else {
		message = fmt.Sprintf("Sidecar \"%s\": %s", text(c.name), message) // with unescaped quotes, as in Cloud Controller's message
	}
	c.reader.refuse(path, message, show(found), want)
}

// quotes says how to write a value as text.
func quotes(value any) string {
	switch value.(type) {
	case nil, []any, object:
		return ""
	default:
		return ", which here needs quotes"
	}
}

// sidecarMemory reads a size, or a number of MB. isText is true for a number in quotes: Cloud
// Controller accepts it, and fails when it adds it up.
func (r *reader) sidecarMemory(path []any, value any, c complaints) (size memory.Size, isText bool) {
	const want = "a whole number of MB above 0, such as 128 or 128M"
	if mb, complaint := megabytes(value); complaint == "" {
		if mb <= 0 {
			c.add(path, "Memory in mb must be greater than 0", value, want)
		}
		return memory.Size(mb), false
	}
	number, complaint := whole(value)
	if complaint == "" && number.Cmp(big.NewInt(0)) <= 0 {
		complaint = "must be greater than 0"
	}
	if complaint != "" {
		c.add(path, "Memory in mb "+complaint, value, want)
		return 0, false
	}
	if _, isText = value.(string); !isText {
		r.noteChanged(path, "memory", text(value), " MB")
	}
	if !number.IsInt64() {
		return memory.Size(math.MaxInt64 / 2), isText
	}
	return memory.Size(number.Int64()), isText
}

// processTypes converts a list of types as Cloud Controller's database does. A list of one type is
// that type, and an empty list is not a text. lookup is the database's error when it is asked for
// processes of these types, and some have another type. fatal is true if it cannot even store them.
func processTypes(list []any) (types []controller.TypeName, lookup string, fatal bool) {
	for _, item := range list {
		nested, isNested := item.([]any)
		for isNested && len(nested) == 1 {
			item = nested[0]
			nested, isNested = item.([]any)
		}
		if isNested && len(nested) == 0 {
			item = ""
		}
		types = append(types, controller.TypeName{Text: text(item), Null: item == nil})
		switch item.(type) {
		case nil, string:
			continue
		case []any, object:
			fatal = true
		}
		if lookup == "" {
			lookup = sqlMismatch(item)
		}
	}
	return types, lookup, fatal
}

// sqlMismatch returns the database's error for comparing a value with text.
func sqlMismatch(value any) string {
	kind := "record"
	switch v := value.(type) {
	case bool:
		kind = "boolean"
	case *big.Int:
		kind = "integer"
	case float64:
		kind = "numeric"
	case object:
		if len(v) > 0 {
			return fmt.Sprintf("PG::UndefinedColumn: ERROR:  column %q does not exist", text(v[0].key))
		}
	}
	return "PG::UndefinedFunction: ERROR:  operator does not exist: text = " + kind
}

// dropped returns the keys of a sidecar that Cloud Controller does not read.
func (r *reader) dropped(path []any, mapping object, name string) sidecar.Problems {
	var problems sidecar.Problems
	for _, m := range mapping {
		key, isText := m.key.(string)
		if isText && slices.Contains(sidecarKeys, key) {
			continue
		}
		want := "one of the keys " + strings.Join(sidecarKeys, ", ")
		problems = append(problems, sidecar.Problem{
			At: r.lines.at(append(slices.Clone(path), text(m.key))...), What: "sidecar " + quote(name), Found: "the key " + show(m.key), Meant: suggest.Name(key, sidecarKeys), Want: want,
		})
	}
	return problems
}
