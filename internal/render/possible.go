package render

import (
	"reflect"
	"slices"
	"text/template"
)

// certainty is how much is known of a value before the start.
type certainty int

const (
	typed certainty = iota // its type
	today                  // the value, as long as the bound services stay as they are
	fixed                  // the value: the template itself determines it
)

// A possible is what is known of a value in a template before the start.
type possible struct {
	// examples has one value of each type that it can have, or the value itself; nil means that
	// nothing is known.
	examples  []any
	certainty certainty
}

// fixedValue returns a value that the template determines.
func fixedValue(value any) possible { return possible{[]any{value}, fixed} }

// oneOf returns a value of the type of one of these.
func oneOf(examples ...any) possible { return possible{examples, typed} }

func (p possible) isKnown() bool { return len(p.examples) > 0 }

// truth returns how if decides. known is false if that depends on the start.
func (p possible) truth() (truth, known bool) {
	if p.certainty == fixed {
		truth, _ = template.IsTrue(p.examples[0])
		return truth, true
	}
	// A struct is always true.
	return true, p.isKnown() && !slices.ContainsFunc(p.examples, func(example any) bool {
		t := reflect.TypeOf(example)
		return t == nil || t.Kind() != reflect.Struct && t.Kind() != reflect.Pointer
	})
}

// add adds an example if it is the first of its type.
func (p *possible) add(example any) {
	if !slices.ContainsFunc(p.examples, func(other any) bool { return reflect.TypeOf(other) == reflect.TypeOf(example) }) {
		p.examples = append(p.examples, example)
	}
}

// orMissing returns what is known of a value to which default applies: a text may be empty, which
// is the same as missing.
func (p possible) orMissing() possible {
	isText := func(example any) bool { return reflect.ValueOf(example).Kind() == reflect.String }
	if p.certainty != typed || !slices.ContainsFunc(p.examples, isText) {
		return p
	}
	return oneOf(append(slices.Clone(p.examples), nil)...)
}

// equals reports whether the same is known of both.
func (p possible) equals(other possible) bool {
	return p.certainty == other.certainty && reflect.DeepEqual(p.examples, other.examples)
}

// An unspecified is an item of a list or an object whose type is unknown. It prints as text.
type unspecified struct{}

func (unspecified) String() string { return exampleText }

// Examples of the types that values in templates have.
const exampleText = "example"

func exampleList() any   { return slices.Repeat([]any{unspecified{}}, 100) }
func exampleObject() any { return map[string]any{exampleText: unspecified{}} }

// elements returns what is known of the items that range iterates over. nonEmpty and empty are
// true only if the template itself determines that. If nonEmpty is true, item is the first item.
func (p possible) elements() (index, item possible, nonEmpty, empty bool) {
	if len(p.examples) != 1 {
		return possible{}, possible{}, false, false
	}
	v := reflect.ValueOf(p.examples[0])
	var length int
	switch v.Kind() {
	case reflect.Int:
		length, item = int(v.Int()), possible{[]any{0}, p.certainty}
	case reflect.Slice:
		length, index = v.Len(), possible{[]any{0}, p.certainty}
		if length > 0 {
			item = possible{[]any{v.Index(0).Interface()}, p.certainty}
		}
	default:
		return possible{}, possible{}, false, false
	}
	if slices.Contains(item.examples, any(unspecified{})) {
		item = possible{}
	}
	return index, item, p.certainty == fixed && length > 0, p.certainty == fixed && length <= 0
}
