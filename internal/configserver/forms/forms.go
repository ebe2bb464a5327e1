// Package forms writes an environment as JSON, YAML and properties, as the EnvironmentController of
// Spring Cloud Config Server 5 does: nested objects and lists from flat keys, values of earlier
// property sources before those of later ones, and ${…} replaced.
package forms

import (
	"bytes"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// JSON is the environment as one JSON object, with placeholders replaced if resolve.
func JSON(env environment.Environment, resolve bool) ([]byte, error) {
	root, err := tree(env, resolve)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	writeJSON(&out, root)
	return out.Bytes(), nil
}

// YAML is the environment as a YAML document. One that comes from a YAML document which is a
// list or a scalar, and for which Spring has the key document, is that list or scalar.
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

// Properties is the environment with a line for each key, without a line break after the last.
// Nothing in it is escaped, so a value of several lines has several lines here.
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
