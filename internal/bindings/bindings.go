// Package bindings reads and writes the services that are bound to an app, in each of the three forms in which
// Cloud Foundry passes them to staging and app (CF-41):
//
//   - VCAP_SERVICES contains all of them as JSON;
//   - VCAP_SERVICES_FILE_PATH names a file with the same JSON, if the app has the
//     feature file-based-vcap-services;
//   - SERVICE_BINDING_ROOT names a directory with one directory per binding, and in
//     it one file per key, if the app has the feature service-binding-k8s.
//
// A reader gets one list, whatever the form. The credentials in a binding are secret: no error of this package
// quotes them.
package bindings

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// The variables that locate the bindings.
const (
	ServicesVariable  = "VCAP_SERVICES"
	FileVariable      = "VCAP_SERVICES_FILE_PATH"
	DirectoryVariable = "SERVICE_BINDING_ROOT"
)

// MaxBytes is the total size of an app's bindings in files, names included. Cloud Controller rejects more (its
// service_binding_files_builder.rb).
const MaxBytes = 1_000_000

// Binding is one service that is bound to the app.
type Binding struct {
	// Name is the binding's name or, if it has none, the service instance's.
	Name         string
	InstanceName string
	// Label is the name of the offering, or user-provided.
	Label string
	Plan  string
	Tags  []string
	// Type is the credential "type" or, without it, the label. The directory form loses a credential of that
	// name: the platform overwrites it with the label (CF-41).
	Type string
	// TypeLost means that the platform may have overwritten a credential "type".
	TypeLost bool
	// Credentials are decoded JSON, numbers as json.Number. In the directory form, top-level numbers and
	// booleans are text: read them with Credential or Text, which return the same in every form.
	Credentials map[string]any
	// Structured has the original text of each credential that the directory form shows as a list or an object,
	// by key: it may have been text that merely looks like one.
	Structured map[string]string
	// Written has the JSON of each credential that is a list or an object in the other forms, by key, as it would
	// be in the directory form.
	Written map[string]string
}

// Credential returns the credential at a path, such as "uri"; or "tls", "ca" for a member of an object; or
// "hosts", "0" for the first item of a list. It returns text as it is, and everything else as JSON. Null counts
// as not found.
func (b Binding) Credential(path ...string) (text string, found bool) {
	if len(path) == 1 {
		if text := b.originalText(path[0]); text != "" {
			return text, true
		}
	}
	var value any = b.Credentials
	for _, key := range path {
		if value = child(value, key); value == nil {
			return "", false
		}
	}
	return textOf(value)
}

// originalText returns the text of a list or an object, or of a text that looks like one; otherwise nothing.
func (b Binding) originalText(key string) string { return cmp.Or(b.Structured[key], b.Written[key]) }

// Keys returns the names of the top-level credentials, sorted.
func (b Binding) Keys() []string {
	keys := make([]string, 0, len(b.Credentials))
	for key := range b.Credentials {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Is reports whether the binding is of a kind: by its type, its label, a tag, its name, or its instance's name,
// in any case. In the directory form, a user-provided service has no type of its own; only tags and names
// identify it.
func (b Binding) Is(kind string) bool {
	said := append([]string{b.Type, b.Label, b.Name, b.InstanceName}, b.Tags...)
	return slices.ContainsFunc(said, func(word string) bool { return strings.EqualFold(word, kind) })
}

// child returns what a value has at a key, or nil.
func child(value any, key string) any {
	held, _ := member(value, key)
	return held
}

// member returns what a value has at a key, which may be null, and whether it has the key. Text that is itself
// JSON is decoded: in the directory form, lists and objects from writers other than the platform are such text.
func member(value any, key string) (held any, has bool) {
	if text, ok := value.(string); ok && strings.ContainsAny(firstByte(text), "{[") {
		decoded, err := decode([]byte(text))
		if err != nil {
			return nil, false // it only looks like JSON
		}
		value = decoded
	}
	switch value := value.(type) {
	case map[string]any:
		held, has = value[key]
		return held, has
	case []any:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(value) {
			return value[i], true
		}
	}
	return nil, false
}

func firstByte(text string) string {
	text = strings.TrimLeft(text, " \t\r\n")
	return text[:min(1, len(text))]
}

func textOf(value any) (text string, found bool) {
	switch value := value.(type) {
	case nil:
		return "", false
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	}
	text, err := encode(value)
	return text, err == nil // it is not from JSON otherwise
}

// leadingSpace returns the number of leading white-space bytes.
func leadingSpace(content []byte) int {
	return len(content) - len(bytes.TrimLeft(content, " \t\r\n"))
}

// decode decodes one JSON value. It drops the errors of encoding/json, which quote what they found, and with it
// perhaps part of a secret.
func decode(content []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, &syntaxError{int(syntax.Offset) - 1, fmt.Sprintf("syntax error at byte %d of %d", syntax.Offset, len(content)), wantedAt(syntax)}
	case err != nil: // the end of an unfinished value
		return nil, &syntaxError{len(content), fmt.Sprintf("it ends too early, after %d bytes", len(content)), "the rest of the JSON"}
	}
	end := int(decoder.InputOffset())
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, &syntaxError{
			end + leadingSpace(content[end:]), fmt.Sprintf("more follows the value that ends at byte %d of %d", end, len(content)), "nothing behind the end of the object",
		}
	}
	return value, nil
}

func sortByName(all []Binding) {
	slices.SortStableFunc(all, func(a, b Binding) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Label, b.Label))
	})
}
