// Package bindings reads and writes the services that are bound to an app, in each
// of the three forms in which Cloud Foundry hands them to staging and app (CF-41):
//
//   - VCAP_SERVICES holds all of them as JSON;
//   - VCAP_SERVICES_FILE_PATH names a file with the same JSON, where the app has the
//     feature file-based-vcap-services;
//   - SERVICE_BINDING_ROOT names a directory with a directory for each binding, and in
//     it a file for each key, where the app has the feature service-binding-k8s.
//
// A reader gets one list, whatever the form. The credentials in a binding are secret:
// no error of this package quotes them.
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

// The variables that say where the bindings are.
const (
	ServicesVariable  = "VCAP_SERVICES"
	FileVariable      = "VCAP_SERVICES_FILE_PATH"
	DirectoryVariable = "SERVICE_BINDING_ROOT"
)

// MaxBytes is the most that the bindings of an app may come to in a file or a directory,
// names included. Cloud Controller refuses more (its service_binding_files_builder.rb).
const MaxBytes = 1_000_000

// A Binding is one service that is bound to the app.
type Binding struct {
	// Name is that of the binding or, where it has none, of the service instance.
	Name         string
	InstanceName string
	// Label is the kind of service: that of the offering, or user-provided.
	Label string
	Plan  string
	Tags  []string
	// Type is what the binding says of itself: its credential "type" or, without one, its
	// label. In the directory form a credential of that name is lost, since the platform
	// overwrites it with the label (CF-41).
	Type string
	// TypeLost tells that the binding may have had a credential "type" that the platform has
	// overwritten.
	TypeLost bool
	// Credentials are decoded JSON, numbers as json.Number. In the directory form numbers and
	// booleans of the top level are text: read them with Credential or Text, which give the
	// same answer in every form.
	Credentials map[string]any
	// Structured are the texts of those credentials that the directory form has as a list or an
	// object, by their keys. Each may have been text that looks like one.
	Structured map[string]string
}

// Credential is the credential at a path, such as "uri", or "tls", "ca" for one in an
// object, or "hosts", "0" for the first item of a list. Text is given as it is, all else as
// JSON. Null counts as not found.
func (b Binding) Credential(path ...string) (text string, found bool) {
	var value any = b.Credentials
	for _, key := range path {
		if value = child(value, key); value == nil {
			return "", false
		}
	}
	return textOf(value)
}

// Keys are the names of the top-level credentials, sorted.
func (b Binding) Keys() []string {
	keys := make([]string, 0, len(b.Credentials))
	for key := range b.Credentials {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Is tells whether the binding is of a kind: by its type, its label, a tag, or its name or
// its instance's, in any case. In the directory form a user-provided service has no type of
// its own, so that tag and name are what remains to tell it by.
func (b Binding) Is(kind string) bool {
	said := append([]string{b.Type, b.Label, b.Name, b.InstanceName}, b.Tags...)
	return slices.ContainsFunc(said, func(word string) bool { return strings.EqualFold(word, kind) })
}

// child is what a value holds at a key, or nil.
func child(value any, key string) any {
	held, _ := member(value, key)
	return held
}

// member is what a value holds at a key, which may be null, and whether it has the key. Text that is itself JSON is read as such: in
// the directory form, a list or an object of others than the platform is.
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
	var written strings.Builder
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", false // not from JSON
	}
	return strings.TrimSuffix(written.String(), "\n"), true
}

// leadingSpace is how many bytes of white space a text begins with.
func leadingSpace(content []byte) int {
	return len(content) - len(bytes.TrimLeft(content, " \t\r\n"))
}

// decode reads one JSON value. The errors of encoding/json quote what they have found, which
// may be part of a secret.
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
