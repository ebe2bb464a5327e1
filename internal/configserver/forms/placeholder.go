package forms

import (
	"fmt"
	"strings"
)

// replacer replaces ${key} and ${key:default} as Spring's PlaceholderParser does: keys, defaults and the values
// that replace them may contain placeholders, too.
type replacer struct {
	lookup  func(key string) (value string, found bool, err error)
	escapes bool // \${ and \: are literal, without the backslash
	lenient bool // a placeholder without a value stays as it is, and is not an error
	budget  *budget
	open    map[string]bool // the keys whose values are being replaced now
}

func (r *replacer) replace(text string) (string, error) {
	if !strings.Contains(text, "${") {
		return text, nil
	}
	if err := r.budget.enter(); err != nil {
		return "", err
	}
	defer r.budget.leave()
	parts, err := parsePlaceholders(text, r.escapes)
	if err != nil {
		return "", err
	}
	return r.resolveAll(parts)
}

func (r *replacer) resolveAll(parts []part) (string, error) {
	var out strings.Builder
	for _, p := range parts {
		text, err := p.text, error(nil)
		if p.placeholder {
			text, err = r.resolve(p)
		}
		if err == nil {
			err = r.budget.spend(len(text))
		}
		if err != nil {
			return "", err
		}
		out.WriteString(text)
	}
	return out.String(), nil
}

// resolve returns the value of a placeholder. If its whole text, such as a:b, is a key, that takes precedence
// over the part before the colon.
func (r *replacer) resolve(p part) (string, error) {
	key, err := r.resolveAll(p.key)
	if err != nil {
		return "", err
	}
	if !p.nested && p.text != key {
		if value, found, err := r.value(p.text); err != nil || found {
			return value, err
		}
	}
	value, found, err := r.value(key)
	switch {
	case err != nil || found:
		return value, err
	case p.hasFallback:
		return r.resolveAll(p.fallback)
	case r.lenient:
		return "${" + key + "}", nil
	default:
		return "", fmt.Errorf("%w: a placeholder ${…} without a value", ErrInvalid)
	}
}

func (r *replacer) value(key string) (value string, found bool, err error) {
	value, found, err = r.lookup(key)
	if err != nil || !found || !strings.Contains(value, "${") {
		return value, found, err
	}
	if r.open[key] {
		return "", false, errCircular
	}
	if r.open == nil {
		r.open = map[string]bool{}
	}
	r.open[key] = true
	defer delete(r.open, key)
	value, err = r.replace(value)
	return value, true, err
}
