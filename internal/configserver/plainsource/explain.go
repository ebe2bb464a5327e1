package plainsource

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
)

// explain returns the offset at which content stops being JSON, and what would be right there. It never says
// what was found: content contains secrets. That rules out the text of json.SyntaxError, which quotes the
// offending character.
func explain(content []byte) (at int, problem string) {
	syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(content, new(json.RawMessage)))
	if !ok || errors.Is(decode(content), io.ErrUnexpectedEOF) {
		return len(content), "the JSON ends too early: a quote, bracket or brace is not closed, or a value is missing"
	}
	at = max(0, min(int(syntax.Offset), len(content))-1) // Offset counts the offending byte too
	return at, expected(content[:at])
}

// expected determines what may follow the valid start of a broken JSON text, by trial.
func expected(good []byte) string {
	may := func(next string) bool { return canContinue(good, next) }

	switch {
	case json.Valid(good):
		return "expected nothing more: the JSON is already complete"
	case may(`\`) && may(`{`):
		return `a string may not hold line breaks and other control characters: write \n, \t or \u00XX`
	case may(`\`):
		return `this escape does not exist: in a string, \ is written \\`
	case may(`d`):
		return `expected four hexadecimal digits after \u`
	case may(`:`):
		return "expected a colon after the key"
	case may(`,`) && may(`}`):
		return "expected a comma or }"
	case may(`,`):
		return "expected a comma or ]"
	case may(`"`) && may(`}`):
		return "expected a key in double quotes or }"
	case may(`"`) && !may(`1`):
		return "expected a key in double quotes: the last entry has no comma after it"
	case may(`"`) && !may(`{`):
		return "the JSON is nested too deep"
	case may(`"`) && len(bytes.TrimSpace(good)) == 0:
		return "expected a value: an object, a list, or text in double quotes"
	case may(`"`):
		return "expected a value: text is in double quotes, and the last element has no comma after it"
	case may(`1`):
		return "expected a digit"
	default:
		return "expected true, false or null in lower case, or text in double quotes"
	}
}

// canContinue reports whether good, which is incomplete, followed by next is the start of some JSON text.
func canContinue(good []byte, next string) bool {
	err := decode(slices.Concat(good, []byte(next)))
	return err == nil || errors.Is(err, io.ErrUnexpectedEOF)
}

// decode reads the first JSON value of content. io.ErrUnexpectedEOF means that all of it is valid, but
// incomplete.
func decode(content []byte) error {
	return json.NewDecoder(bytes.NewReader(content)).Decode(new(json.RawMessage))
}
