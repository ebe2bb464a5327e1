package forms

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// resolver replaces the placeholders of an environment by its own properties.
type resolver struct {
	environment environment.Environment
	lenient     bool // in a value, a placeholder without a value is not an error
	trail       []string
	omitted     []environment.Omission // by their keys in the form
	budget      budget
}

func newResolver(env environment.Environment) *resolver { return &resolver{environment: env} }

var (
	escaped        = regexp.MustCompile(`\\{1,2}\$\{`)
	hasPlaceholder = regexp.MustCompile(`\$\{[^}]+}`)
)

// masked is what Spring turns an escaped ${ into before it replaces placeholders.
const masked = "$_{"

// text replaces the placeholders in the properties form as a whole: a placeholder that starts in one value may
// end in another.
func (r *resolver) text(text string) (string, error) {
	replacer := replacer{lookup: r.raw, escapes: true, lenient: true, budget: &r.budget}
	resolved, err := replacer.replace(escaped.ReplaceAllLiteralString(text, masked))
	return strings.ReplaceAll(resolved, masked, "${"), err
}

// object replaces the placeholders in an object's values, in place. Keys stay as they are.
func (r *resolver) object(o *object) (*object, error) {
	for _, key := range o.keys {
		value, err := r.value(o.values[key])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		o.values[key] = value
	}
	return o, nil
}

func (r *resolver) value(value any) (any, error) {
	switch value := value.(type) {
	case *object:
		return r.object(value)
	case *list:
		for i, item := range value.items {
			var err error
			if value.items[i], err = r.value(item); err != nil {
				return nil, err
			}
		}
		return value, nil
	case string:
		return r.string(value)
	default:
		return value, nil
	}
}

// omitCircular resolves the value at the next part of a key. If a placeholder refers to itself, it records an
// omission instead of failing.
func (r *resolver) omitCircular(part string, resolve func() error) (omitted bool, err error) {
	r.trail = append(r.trail, part)
	defer func() { r.trail = r.trail[:len(r.trail)-1] }()
	if err = resolve(); !errors.Is(err, errCircular) {
		return false, err
	}
	key := strings.TrimPrefix(strings.Join(r.trail, ""), ".")
	r.omitted = append(r.omitted, environment.Omission{Key: key, Reason: "its placeholder ${…} refers to itself"})
	return true, nil
}

func (r *resolver) string(value string) (string, error) {
	if !hasPlaceholder.MatchString(value) {
		return value, nil
	}
	replacer := replacer{lookup: r.property, lenient: true, budget: &r.budget}
	resolved, err := replacer.replace(escaped.ReplaceAllLiteralString(value, masked))
	return strings.ReplaceAll(resolved, masked, "${"), err
}

// property returns a value with its placeholders replaced. Inside it, a placeholder without a value is an error,
// unless the resolver is lenient.
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

// isBlank does what Java's Character.isWhitespace does.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) && !strings.ContainsRune("\u0085\u00a0\u2007\u202f", r) || r >= 0x1c && r <= 0x1f
}
