package cipher

import (
	"maps"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Reader decrypts one environment after another, such as the answers to one request. It remembers the values of
// the last one, so that it decrypts only what has changed: with an RSA key, each value takes some milliseconds.
// Values of earlier environments are forgotten. Only one goroutine may use it at a time.
type Reader struct {
	with *Decryptor
	last map[string]string // by the encrypted text
}

// Reader returns a reader that remembers nothing yet.
func (d *Decryptor) Reader() *Reader { return &Reader{with: d} }

// Failure is a value that could not be decrypted.
type Failure struct {
	Source string // the name of its property source
	Key    string
	Reason string
}

// Decrypt returns a copy of an environment with its {cipher}… values decrypted. As in Spring's server, a key
// that cannot be decrypted becomes invalid.KEY with the value <n/a>, and keys whose values were encrypted come
// last in their source. Failures are in the order of their sources and keys.
func (r *Reader) Decrypt(env environment.Environment) (decrypted environment.Environment, failures []Failure) {
	next := map[string]string{}
	decrypted = env
	decrypted.PropertySources = slices.Clone(env.PropertySources)
	for i, source := range env.PropertySources {
		values := maps.Clone(source.Source)
		var order, last []string
		for _, key := range source.Keys() {
			text, isText := source.Source[key].(string)
			text, isCipher := strings.CutPrefix(text, marker)
			if !isText || !isCipher {
				order = append(order, key)
				continue
			}
			value, err := r.decrypt(text, next)
			if err != nil {
				delete(values, key)
				values[invalidPrefix+key] = invalidValue
				last = append(last, invalidPrefix+key)
				failures = append(failures, Failure{source.Name, key, err.Error()})
				continue
			}
			values[key] = value
			last = append(last, key)
		}
		decrypted.PropertySources[i].Source, decrypted.PropertySources[i].Order = values, append(order, last...)
	}
	r.last = next
	return decrypted, failures
}

// decrypt decrypts a text unless its value is known, and adds it to the values to remember.
func (r *Reader) decrypt(text string, next map[string]string) (value string, err error) {
	value, known := r.last[text]
	if !known {
		value, known = next[text]
	}
	if !known {
		if value, err = r.with.decryptValue(text); err != nil {
			return "", err
		}
	}
	next[text] = value
	return value, nil
}
