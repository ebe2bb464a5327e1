package render

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// A rejection converts a reason of package text/template to this project's words. explain gets the
// groups of the expression. Of these, it may only show what the template states, and types:
// everything else may come from a binding.
type rejection struct {
	reason  *regexp.Regexp
	explain func(groups []string) string
}

// anyOf returns a rejection with the same words for all that match.
func anyOf(expression, text string) rejection {
	return rejection{regexp.MustCompile(expression), func([]string) string { return text }}
}

// of returns a rejection whose words contain the groups.
func of(expression string, explain func(groups []string) string) rejection {
	return rejection{regexp.MustCompile(expression), explain}
}

// The first that matches is used: those whose reason may quote a value come first.
var rejections = []rejection{
	anyOf(`: range can't iterate over `, "found text, or nothing, to range over; expected a list or an object"),
	anyOf(`: non-comparable types? `, "found a list or an object to compare; expected text, a number, true or false"),
	anyOf(`: can't use .* more than one variable$`, "found two variables for range over a number; expected one"),
	of(`can't evaluate field (\w+) in type (.*)$`, func(groups []string) string { return whyNoField(groups[1], groups[2]) }),
	of(`map has no entry for key "(\w+)"$`, func(groups []string) string {
		return fmt.Sprintf("found no key %q in the object; expected one that it has", groups[1])
	}),
	of(`nil data; no entry for key "(\w+)"$`, func(groups []string) string { return whyNoData(groups[1]) }),
	anyOf(`nil pointer.*$`, "found null; expected an object"),
	of(`wrong number of args for (\w+): want (.*) got (\d+)$`, func(groups []string) string {
		return fmt.Sprintf("found %s arguments of %s; expected %s", groups[3], groups[1], groups[2])
	}),
	of(`error calling (\w+): missing argument for comparison$`, func(groups []string) string {
		return fmt.Sprintf("found 1 argument of %s; expected at least 2", groups[1])
	}),
	of(`error calling (\w+): incompatible types for comparison: (.*) and (.*)$`, func(groups []string) string {
		return fmt.Sprintf(`found %s and %s to compare by %s; expected two of the same kind: a value of a binding or of the environment is text, as in eq (env "PORT") "8080"`,
			typeInWords(groups[2]), typeInWords(groups[3]), groups[1])
	}),
	of(`error calling (\w+): invalid type for comparison$`, func(groups []string) string {
		return fmt.Sprintf("found a value that %s cannot order; expected two texts or two numbers", groups[1])
	}),
	of(`error calling len: len of type (.*)$`, func(groups []string) string {
		return fmt.Sprintf("found %s as the argument of len; expected text, a list or an object", typeInWords(groups[1]))
	}),
	of(`error calling index: can't index item of type (.*)$`, func(groups []string) string {
		return fmt.Sprintf("found %s as the first argument of index; expected a list or an object", typeInWords(groups[1]))
	}),
	of(`error calling slice: can't slice item of type (.*)$`, func(groups []string) string {
		return fmt.Sprintf("found %s as the first argument of slice; expected text or a list", typeInWords(groups[1]))
	}),
	of(`error calling (\w+): cannot index slice/array with type (.*)$`, func(groups []string) string {
		return fmt.Sprintf("found %s as the position for %s; expected a number", typeInWords(groups[2]), groups[1])
	}),
	of(`error calling index: value has type (.*); should be string$`, func(groups []string) string {
		return fmt.Sprintf("found %s as the key for index; expected text", typeInWords(groups[1]))
	}),
	of(`error calling (\w+): (?:reflect: slice )?index out of range.*$`, func(groups []string) string {
		return fmt.Sprintf("found a position for %s that is outside of the list or text; expected one inside", groups[1])
	}),
	of(`error calling (\w+): (?:invalid slice index: .*|cannot 3-index slice a string|too many slice indexes: .*)$`, func(groups []string) string {
		return fmt.Sprintf("found positions for %s that do not fit; expected the first and the one behind the last", groups[1])
	}),
	of(`error calling (\w+): .*(?:untyped nil|of nil|nil pointer|type <nil>|with nil).*$`, func(groups []string) string {
		return fmt.Sprintf("found null as an argument of %s; expected a value", groups[1])
	}),
	anyOf(`error calling call: .*$`, "found call of a value that is not a function; expected the value without call"),
	of(`error calling (\w+): .*$`, func(groups []string) string {
		return fmt.Sprintf("the function %s cannot be called with these values; expected others", groups[1])
	}),
	anyOf(`: (?:expected string; found .*|wrong type for value; expected string; got .*)$`, `found a format of printf that is not text; expected one in quotes, such as "%s"`),
	anyOf(`: can't give argument to non-function .*$`, "found an argument after a value that is not a function; expected the value alone"),
	anyOf(`has arguments but cannot be invoked as function$|is not a method but has arguments$`, "found an argument after a value that is not a function; expected the value alone"),
	anyOf(`template ".*" not defined$`, "found the name of a template that is not defined; expected one that is"),
	anyOf(`exceeded maximum template depth .*$`, errEndless.Error()),
	anyOf(`\w+ overflows int$`, "found a number with too many digits; expected one of 64 bits"),
}

// whyRejected returns the reason of package text/template in this project's words.
func whyRejected(reason string) string {
	for _, known := range rejections {
		if groups := known.reason.FindStringSubmatch(reason); groups != nil {
			return known.explain(groups)
		}
	}
	return "found values that do not fit; expected those that the functions take"
}

// described are the types of this package in templates, as text/template calls them.
var described = map[string]struct {
	shown string
	typed reflect.Type
}{
	"*render.data":       {"", reflect.TypeFor[*data]()},
	"render.application": {".App", reflect.TypeFor[application]()},
	"render.reservation": {".Memory", reflect.TypeFor[reservation]()},
}

// whyNoField explains that a type has no such field.
func whyNoField(field, in string) string {
	known, ok := described[in]
	if !ok {
		why := fmt.Sprintf("found no field %s: the value is %s; expected an object", field, typeInWords(in))
		if slices.Contains(fieldsOf(described["*render.data"].typed), field) {
			why += fmt.Sprintf(", or $.%s: inside of range and with, a dot alone is another value", field)
		}
		return why
	}
	names := fieldsOf(known.typed)
	return fmt.Sprintf("found no value called %s.%s%s", known.shown, field, suggest.Before(suggest.Name(field, names), "expected one of "+strings.Join(names, ", ")))
}

// whyNoData explains that there is no value to read a field of.
func whyNoData(field string) string {
	if slices.Contains(fieldsOf(described["*render.data"].typed), field) {
		return fmt.Sprintf(`found no value to read .%s from; expected one: to use it in a named template, call that as in {{ template "NAME" . }}`, field)
	}
	return "found null; expected an object"
}

// fieldsOf returns the names that templates can use of a type.
func fieldsOf(t reflect.Type) (names []string) {
	for method := range t.Methods() {
		if method.Name != "String" {
			names = append(names, method.Name)
		}
	}
	if t.Kind() == reflect.Pointer {
		for field := range t.Elem().Fields() {
			if field.IsExported() {
				names = append(names, field.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// typeInWords describes a type of a value in a template, which is written as in Go.
func typeInWords(in string) string {
	switch in {
	case "string", "render.literal", "render.secret", "json.Number":
		return "text"
	case "int", "int64", "uint8", "float64", "complex128":
		return "a number"
	case "bool":
		return "true or false"
	case "[]interface {}", "[]string":
		return "a list"
	case "map[string]interface {}":
		return "an object"
	case "render.application", "render.reservation":
		return described[in].shown
	case "*render.data":
		return "all of the data"
	default:
		return "another value"
	}
}
