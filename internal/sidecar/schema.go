package sidecar

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
)

const (
	schemaDialect = "https://json-schema.org/draft/2020-12/schema"
	schemaAddress = "https://raw.githubusercontent.com/cloudfoundry-community/sidecar-buildpack/main/docs/"
)

// Schema returns the JSON Schema of sidecars.yml, for editors and pipelines. It knows keys, kinds
// and ranges, but not the rules that concern several keys.
func Schema() ([]byte, error) {
	list := schema{"type": []string{"array", "null"}, "items": schemaOf(appOnly)}
	reference := schema{"$ref": "#/$defs/sidecars"}
	return encodeSchema("sidecars.schema.json", "sidecars.yml of the sidecar buildpack", schema{
		"$defs": schema{"sidecars": list},
		"oneOf": []schema{reference, {"type": "object", "required": []string{"sidecars"}, "properties": schema{"sidecars": reference}, "additionalProperties": false}},
	})
}

// CatalogSchema returns the JSON Schema of the catalog in a buildpack.toml. It ignores the file's
// other keys.
func CatalogSchema() ([]byte, error) {
	sidecars := schema{"type": "array", "items": schemaOf(catalogOnly)}
	return encodeSchema("catalog.schema.json", "buildpack.toml of a sidecar buildpack", schema{
		"type": "object", "properties": schema{"metadata": schema{"type": "object", "properties": schema{"sidecars": sidecars}}},
	})
}

// schemaOf returns the schema of one sidecar.
func schemaOf(source scope) schema {
	name := nameField.described()
	name["not"] = schema{"const": DefaultProcessType}
	properties := schema{nameKey: name}
	for _, f := range fieldsFor(source) {
		properties[f.key] = f.described()
		if source == appOnly { // in YAML, a key without a value sets nothing
			properties[f.key] = schema{"description": properties[f.key].(schema)["description"], "anyOf": []schema{f.schema, {"type": "null"}}}
		}
	}
	return schema{"type": "object", "required": []string{nameKey}, "properties": properties, "additionalProperties": false}
}

// described returns the schema of a field, with its description.
func (f field) described() schema {
	described := maps.Clone(f.schema)
	described["description"] = f.doc
	if f.otherwise != "" {
		described["description"] = fmt.Sprintf("%s. Default: %s", f.doc, f.otherwise)
	}
	return described
}

func encodeSchema(name, title string, root schema) ([]byte, error) {
	root["$schema"], root["$id"], root["title"] = schemaDialect, schemaAddress+name, title
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("failed to encode the schema %s: %w", name, err)
	}
	return encoded.Bytes(), nil
}
