// Package forms renders an environment as JSON, YAML and properties, as the EnvironmentController of Spring
// Cloud Config Server 5 does: it makes nested objects and lists from flat keys, prefers earlier property sources
// to later ones, and replaces ${…}.
package forms

import (
	"bytes"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// JSON returns the environment as one JSON object. If resolve is set, placeholders are replaced.
func JSON(env environment.Environment, resolve bool) ([]byte, error) {
	root, err := tree(env, resolve)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	writeJSON(&out, root)
	return out.Bytes(), nil
}

// YAML returns the environment as a YAML document. If it comes from a YAML document that is a list or a scalar,
// for which Spring uses the key document, it returns that list or scalar.
func YAML(env environment.Environment, resolve bool) ([]byte, error) {
	root, err := tree(env, resolve)
	if err != nil {
		return nil, err
	}
	if document, only := root.get("document"); only && len(root.keys) == 1 {
		return dumpDocument(document), nil
	}
	return dump(root), nil
}

// Properties returns the environment with one line per key, and no line break after the last. Nothing is
// escaped, so a value of several lines takes several lines.
func Properties(env environment.Environment, resolve bool) ([]byte, error) {
	text := merge(env).text()
	if !resolve {
		return []byte(text), nil
	}
	resolved, err := newResolver(env).text(text)
	return []byte(resolved), err
}

func tree(env environment.Environment, resolve bool) (*object, error) {
	root, err := nest(merge(env))
	if err != nil || !resolve {
		return root, err
	}
	return newResolver(env).object(root)
}
