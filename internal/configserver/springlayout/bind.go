package springlayout

import (
	"fmt"
	"strings"
)

// bind reads a document's conditions and imports. documents are those read so far.
func bind(d *document, documents []*document) error {
	platform, _ := d.property("spring.config.activate.on-cloud-platform")
	var err error
	if d.onPlatform, err = platformOf(platform); err != nil {
		return fmt.Errorf("spring.config.activate.on-cloud-platform: %w", err)
	}
	for _, expression := range d.list("spring.config.activate.on-profile") {
		if expression, err = resolve(expression, documents, 0); err != nil {
			return fmt.Errorf("spring.config.activate.on-profile: %w", err)
		}
		d.onProfile = append(d.onProfile, expression)
	}
	for _, imported := range d.list("spring.config.import") {
		if imported, err = resolve(imported, documents, 0); err != nil {
			return fmt.Errorf("spring.config.import: %w", err)
		}
		if imported != "" {
			d.imports = append(d.imports, imported)
		}
	}
	return nil
}

// maxPlaceholders limits how deeply the values of placeholders may contain others.
const maxPlaceholders = 10

// resolve replaces the placeholders ${KEY} and ${KEY:DEFAULT} of a condition or an import with values from the
// documents read so far.
func resolve(text string, documents []*document, depth int) (string, error) {
	start := strings.Index(text, "${")
	if start < 0 {
		return text, nil
	}
	end := closing(text, start+len("${"))
	if end < 0 || depth >= maxPlaceholders {
		return "", fmt.Errorf("found a placeholder without an end, or one that refers to itself")
	}
	key, fallback, has := strings.Cut(text[start+len("${"):end], ":")
	value, found := "", false
	for i := len(documents) - 1; i >= 0 && !found; i-- {
		value, found = documents[i].property(key)
	}
	if !found && !has {
		return "", fmt.Errorf("found a placeholder for a key that no file has; expected one with a default: ${KEY:DEFAULT}")
	}
	if !found {
		value = fallback
	}
	value, err := resolve(value, documents, depth+1)
	if err != nil {
		return "", err
	}
	rest, err := resolve(text[end+1:], documents, depth+1)
	return text[:start] + value + rest, err
}

// closing returns where the placeholder that contains text[start:] ends, or -1.
func closing(text string, start int) int {
	for depth, i := 0, start; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "${"):
			depth++
		case text[i] == '}' && depth == 0:
			return i
		case text[i] == '}':
			depth--
		}
	}
	return -1
}
