package forms

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// A resolver replaces the placeholders of one environment by its own properties.
type resolver struct {
	environment environment.Environment
	lenient     bool // what has no value in a value is no error, and what refers to itself is left out
	trail       []string
	omitted     []environment.Omission // by the key in the form
	budget      budget
}

func newResolver(env environment.Environment) *resolver { return &resolver{environment: env} }

var (
	escaped        = regexp.MustCompile(`\\{1,2}\$\{`)
	hasPlaceholder = regexp.MustCompile(`\$\{[^}]+}`)
)

// masked is what Spring makes of an escaped ${ before it replaces placeholders.
const masked = "$_{"

// text replaces the placeholders in the properties form, as it is: those of a value may end
// in another one.
func (r *resolver) text(text string) (string, error) {
	replacer := replacer{lookup: r.raw, escapes: true, lenient: true, budget: &r.budget}
	resolved, err := replacer.replace(escaped.ReplaceAllLiteralString(text, masked))
	return strings.ReplaceAll(resolved, masked, "${"), err
}

// object replaces the placeholders in the values of an object, but not in its keys.
func (r *resolver) object(o *object) (*object, error) {
	resolved := newObject()
	for _, key := range o.keys {
		r.trail = append(r.trail, "."+key)
		value, err := r.value(o.values[key])
		omitted := r.omit(err)
		r.trail = r.trail[:len(r.trail)-1]
		if omitted {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		resolved.set(key, value)
	}
	return resolved, nil
}

func (r *resolver) value(value any) (any, error) {
	switch value := value.(type) {
	case *object:
		return r.object(value)
	case *list:
		items := make([]any, len(value.items))
		for i, item := range value.items {
			r.trail = append(r.trail, "["+strconv.Itoa(i)+"]")
			resolved, err := r.value(item)
			omitted := r.omit(err)
			r.trail = r.trail[:len(r.trail)-1]
			if omitted {
				continue
			}
			if err != nil {
				return nil, err
			}
			items[i] = resolved
		}
		return &list{items}, nil
	case string:
		return r.string(value)
	default:
		return value, nil
	}
}

// omit notes that a value is left out instead of being an error, and says whether it is.
func (r *resolver) omit(err error) bool {
	if !r.lenient || !errors.Is(err, errCircular) {
		return false
	}
	key := strings.TrimPrefix(strings.Join(r.trail, ""), ".")
	r.omitted = append(r.omitted, environment.Omission{Key: key, Reason: "its placeholder ${…} refers to itself"})
	return true
}

func (r *resolver) string(value string) (string, error) {
	if !hasPlaceholder.MatchString(value) {
		return value, nil
	}
	replacer := replacer{lookup: r.property, lenient: true, budget: &r.budget}
	resolved, err := replacer.replace(escaped.ReplaceAllLiteralString(value, masked))
	return strings.ReplaceAll(resolved, masked, "${"), err
}

// property is a value with the placeholders in it replaced. There, one without a value is an
// error, unless the resolver is lenient.
func (r *resolver) property(key string) (string, bool, error) {
	value, found, err := r.raw(strings.TrimFunc(key, isBlank))
	if err != nil || !found {
		return "", false, err
	}
	replacer := replacer{lookup: r.raw, escapes: true, lenient: r.lenient, budget: &r.budget}
	value, err = replacer.replace(value)
	return value, true, err
}

func (r *resolver) raw(key string) (string, bool, error) {
	for _, source := range r.environment.PropertySources {
		if value, ok := source.Source[key]; ok {
			return text(value), value != nil, nil
		}
	}
	return "", false, nil
}

// isBlank is Java's Character.isWhitespace.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) && !strings.ContainsRune("\u0085\u00a0\u2007\u202f", r) || r >= 0x1c && r <= 0x1f
}
