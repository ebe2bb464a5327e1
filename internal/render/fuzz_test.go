package render

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	yaml2 "gopkg.in/yaml.v2"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// decodeJSON keeps numbers as they are written.
func decodeJSON(document []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// A format is one that a quoting function is for.
type format struct {
	name     string
	template string
	// read are parsers of a document.
	read []func([]byte, any) error
}

// Each template has the value in every place where a value can be, and one behind it that has to
// stay as it is.
var (
	jsonFormat = format{"json", `{"a": {{ binding "v" | json }}, "list": [1, {{ binding "v" | json }}, 2], "last": "x"}`, []func([]byte, any) error{decodeJSON}}
	yamlFormat = format{
		"yaml", "a: {{ binding \"v\" | yaml }}\nlist: [1, {{ binding \"v\" | yaml }}, 2]\nlast: x\n",
		[]func([]byte, any) error{yaml.Unmarshal, yaml2.Unmarshal},
	}
	tomlFormat = format{"toml", "a = {{ binding \"v\" | toml }}\nlist = [1, {{ binding \"v\" | toml }}, 2]\nlast = \"x\"\n", []func([]byte, any) error{toml.Unmarshal}}
)

// seeds are texts that mean something in one of the formats, or are not text in one of them.
var seeds = []string{
	"", " ", "a", "true", "null", "~", "5", "08", "1e3", "0x1f", ".inf", "2026-11-28", "no", "y", "=", "<<", "!!binary x", "&a", "*a", "a: b", "a #b", "- a", "? a", "| a", "> a", "%a", "@a", "`a`",
	"'", `"`, `\`, `\"`, `""`, "'''", `"""`, "\n", "\r", "\r\n", "\t", "a\nb: c", "\"\nb: c", "\"}\n", "',\n", "]", "}", "{", "[1]", `{"a":1}`, "---", "...", "\n---\n", "\n...\n", "{{ binding \"v\" }}", "{{",
	"\x00", "\x01", "\x1b", "\x7f", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff", "\ufffd", "\U0001f600", "\U0010ffff", "\u202e", "\xff", "\xed\xa0\x80", "é\u0301",
}

func FuzzJSON(f *testing.F) { jsonFormat.fuzz(f) }
func FuzzYAML(f *testing.F) { yamlFormat.fuzz(f) }
func FuzzTOML(f *testing.F) { tomlFormat.fuzz(f) }

// fuzz renders any text, and any value that JSON can hold, and has the format's parsers read what
// comes out: the value is the same again, and what is behind it is as it was.
func (format format) fuzz(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
		quoted, err := json.Marshal(map[string]any{seed: []any{seed, map[string]any{"k": seed}}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(quoted))
	}
	for _, seed := range []string{`{"a": 1e400}`, `[1e3, -0, 0.10, 1E-7, 12345678901234567890, -9223372036854775808, 1.0]`, `[null, true, false]`, `[[[[]]], {}]`, `{"": ""}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		format.check(t, text)
		format.checkDirectory(t, text)
		decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
		decoder.UseNumber()
		var value any
		if decoder.Decode(&value) != nil || !decodes(value) {
			return
		}
		format.check(t, value)
	})
}

// decodes tells a list or an object. A number alone is text in a template.
func decodes(value any) bool {
	switch value.(type) {
	case []any, map[string]any:
		return true
	default:
		return false
	}
}

func (format format) check(t *testing.T, value any) {
	t.Helper()
	rendered, err := format.render(value)
	if err != nil {
		if format.holds(value) {
			t.Fatalf("%q: %s", value, err)
		}
		return
	}
	if format.name == "toml" && hasEmptyKey(value) {
		return // valid, but BurntSushi/toml 1.6.0 loses what is in front of such a table in a list
	}
	for i, read := range format.read {
		var document map[string]any
		if err := read(rendered, &document); err != nil {
			t.Fatalf("parser %d: %q: %s\n%s", i, value, err, rendered)
		}
		expected := map[string]any{"a": value, "list": []any{json.Number("1"), value, json.Number("2")}, "last": "x"}
		if !same(document, expected) {
			t.Fatalf("parser %d: %q became\n%q of\n%s", i, value, document, rendered)
		}
	}
}

// checkDirectory has the text in a file of the directory form, where it may look like a list or an
// object: it stays in its quotes.
func (format format) checkDirectory(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		return
	}
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "s"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "s", "v"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := bindings.ReadDirectory(root)
	if err != nil {
		t.Fatal(err)
	}
	format.template = strings.ReplaceAll(format.template, "binding", "text")
	rendered, err := format.renderOf(all)
	if err != nil {
		t.Fatalf("%q: %s", text, err)
	}
	for i, read := range format.read {
		var document map[string]any
		if err := read(rendered, &document); err != nil || document["a"] != text || document["last"] != "x" {
			t.Fatalf("parser %d: %q became\n%q (%v) of\n%s", i, text, document, err, rendered)
		}
	}
}

func hasEmptyKey(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, hasEmptyKey)
	case map[string]any:
		_, has := value[""]
		return has || slices.ContainsFunc(slices.Collect(maps.Values(value)), hasEmptyKey)
	default:
		return false
	}
}

func (format format) render(value any) ([]byte, error) {
	return format.renderOf([]bindings.Binding{{Name: "s", Credentials: map[string]any{"v": value}}})
}

func (format format) renderOf(all []bindings.Binding) ([]byte, error) {
	services := &services{read: func() ([]bindings.Binding, error) { return all, nil }}
	r := renderer{budget: newBudget(), scope: scope{spec: Spec{Binding: &bindings.Selector{Any: "s"}}, services: services}}
	return r.content(File{Path: "f", Template: &format.template})
}

// holds tells whether a format can hold a value: all texts that are UTF-8, and all numbers but
// those that are too large for TOML.
func (format format) holds(value any) bool {
	switch value := value.(type) {
	case string:
		return utf8.ValidString(value)
	case []any:
		for _, item := range value {
			if !format.holds(item) {
				return false
			}
		}
	case map[string]any:
		for key, item := range value {
			if !utf8.ValidString(key) || !format.holds(item) {
				return false
			}
		}
	case nil, json.Number:
		return format.name != "toml"
	}
	return true
}

// same compares what a parser gives with a value of JSON: numbers by what they are worth, as
// far as 64 bits tell.
func same(found, expected any) bool {
	switch expected := expected.(type) {
	case json.Number:
		return sameNumber(found, expected.String())
	case []any:
		list := reflect.ValueOf(found)
		if list.Kind() != reflect.Slice || list.Len() != len(expected) {
			return false
		}
		for i, item := range expected {
			if !same(list.Index(i).Interface(), item) {
				return false
			}
		}
		return true
	case map[string]any:
		return sameObject(reflect.ValueOf(found), expected)
	default:
		return reflect.DeepEqual(found, expected)
	}
}

func sameObject(found reflect.Value, expected map[string]any) bool {
	if found.Kind() != reflect.Map || found.Len() != len(expected) {
		return false
	}
	for key, item := range expected {
		k := reflect.ValueOf(key)
		if found.Type().Key().Kind() == reflect.Interface {
			k = reflect.ValueOf(&key).Elem()
		}
		value := found.MapIndex(k)
		if !value.IsValid() || !same(value.Interface(), item) {
			return false
		}
	}
	return true
}

func sameNumber(found any, expected string) bool {
	if written, ok := found.(json.Number); ok {
		return written.String() == expected
	}
	want, _, err := big.ParseFloat(expected, 10, 64, big.ToNearestEven)
	if _, tooLarge := strconv.ParseFloat(expected, 64); err != nil || tooLarge != nil {
		return true // beyond what the parser holds
	}
	var got *big.Float
	switch found := found.(type) {
	case int:
		got = new(big.Float).SetInt64(int64(found))
	case int64:
		got = new(big.Float).SetInt64(found)
	case uint64:
		got = new(big.Float).SetUint64(found)
	case float64:
		w, _ := want.Float64()
		return found == w
	default:
		return false
	}
	return got.Cmp(want) == 0
}
