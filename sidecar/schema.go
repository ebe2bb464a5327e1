package sidecar

// A schema is a part of a JSON Schema, as encoding/json writes it.
type schema map[string]any

func textSchema(most int) schema {
	return schema{"type": "string", "minLength": 1, "maxLength": most}
}
