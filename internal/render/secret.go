package render

import (
	"fmt"
	"io"
)

// Mask is shown instead of a secret.
const Mask = "********"

// A secret is text that templates can compare, but that is always printed as Mask.
type secret string

// Format writes Mask, whatever the verb.
func (secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, Mask) } // fmt's errors are its own

// printHidden is limitedPrintf with secrets printed as Mask.
func printHidden(format string, arguments ...any) (string, error) {
	for i, argument := range arguments {
		if _, ok := argument.(secret); ok {
			arguments[i] = Mask
		}
	}
	return limitedPrintf(format, arguments...)
}

// hidden returns a value with each text, number, true and false in it as a secret.
func hidden(value any) any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = hidden(item)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for key, item := range value {
			object[key] = hidden(item)
		}
		return object
	default:
		return secret(fmt.Sprint(value))
	}
}
