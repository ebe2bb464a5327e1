package manifest

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// text returns a value as Ruby's to_s does.
func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return inspect(v)
	}
}

// inspect returns a value as Ruby's inspect does, which is also the text of lists and mappings.
// Cloud Controller runs on Ruby 3.3, and has converted all text keys to symbols.
func inspect(value any) string {
	switch v := value.(type) {
	case nil:
		return "nil"
	case bool:
		return strconv.FormatBool(v)
	case *big.Int:
		return v.String()
	case float64:
		return floatText(v)
	case string:
		return inspectText(v)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = inspect(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case object:
		members := make([]string, len(v))
		for i, m := range v {
			key := inspect(m.key)
			if name, ok := m.key.(string); ok {
				key = inspectSymbol(name)
			}
			members[i] = key + "=>" + inspect(m.value)
		}
		return "{" + strings.Join(members, ", ") + "}"
	default:
		return fmt.Sprint(v)
	}
}

// floatText writes a number as Ruby does: always with a point, and with an exponent if it is below
// 0.0001, or has more than 15 digits before the point and none after it.
func floatText(number float64) string {
	switch {
	case math.IsInf(number, 1):
		return "Infinity"
	case math.IsInf(number, -1):
		return "-Infinity"
	case math.IsNaN(number):
		return "NaN"
	}
	scientific := strconv.FormatFloat(number, 'e', -1, 64)
	mantissa, exponentText, _ := strings.Cut(scientific, "e")
	exponent, _ := strconv.Atoi(exponentText)
	if number == 0 || (exponent >= -4 && (exponent < 15 || number != math.Trunc(number))) {
		digits := strconv.FormatFloat(number, 'f', -1, 64)
		if !strings.Contains(digits, ".") {
			digits += ".0"
		}
		return digits
	}
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	return fmt.Sprintf("%se%+03d", mantissa, exponent)
}

var rubyEscapes = map[rune]string{
	'"': `\"`, '\\': `\\`, '\a': `\a`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\v': `\v`, '\f': `\f`, '\r': `\r`, 0x1b: `\e`,
}

func inspectText(text string) string {
	var quoted strings.Builder
	quoted.WriteByte('"')
	runes := []rune(text)
	for i, char := range runes {
		escape, known := rubyEscapes[char]
		switch {
		case known:
			quoted.WriteString(escape)
		case char == '#' && i+1 < len(runes) && strings.ContainsRune("{$@", runes[i+1]):
			quoted.WriteString(`\#`)
		case unicode.IsPrint(char), unicode.In(char, unicode.Zs, unicode.Cf, unicode.Co), char == '\u0085':
			quoted.WriteRune(char)
		case char > 0xffff:
			fmt.Fprintf(&quoted, `\u{%X}`, char)
		default:
			fmt.Fprintf(&quoted, `\u%04X`, char)
		}
	}
	quoted.WriteByte('"')
	return quoted.String()
}

// simpleSymbol matches keys that Ruby shows without quotes.
var simpleSymbol = regexp.MustCompile(`^(?:@@?|\$|)[\p{L}_][\p{L}\p{N}_]*$|^[\p{L}_][\p{L}\p{N}_]*[?!=]$` +
	"|^(?:[-+*/%&|^~!<>`]|[-+]@|\\*\\*|[=!]=|===|[=!]~|[<>]=|<=>|<<|>>|\\[\\]=?)$")

func inspectSymbol(name string) string {
	if simpleSymbol.MatchString(name) {
		return ":" + name
	}
	return ":" + inspectText(name)
}

// blank reports whether Rails treats a value as missing: nil, false, white space, and empty values.
func blank(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return strings.TrimFunc(v, unicode.IsSpace) == ""
	case []any:
		return len(v) == 0
	case object:
		return len(v) == 0
	default:
		return false
	}
}

var (
	beforeWord  = regexp.MustCompile(`([A-Z])([A-Z][a-z])`)
	beforeUpper = regexp.MustCompile(`([a-z\d])([A-Z])`)
)

// underscore normalizes a key as Rails does, so that memory, MEMORY and Memory are the same to
// Cloud Controller, and so are healthCheckType, health-check-type and health_check_type.
func underscore(key string) string {
	key = strings.ReplaceAll(key, "::", "/")
	key = beforeWord.ReplaceAllString(key, "${1}_$2")
	key = beforeUpper.ReplaceAllString(key, "${1}_$2")
	return strings.ToLower(strings.ReplaceAll(key, "-", "_"))
}
