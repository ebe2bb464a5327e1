package forms

import (
	"encoding/base64"
	"regexp"
	"strings"
)

// string writes a text as a value, which may span lines. Continuation lines are indented by indent.
func (d *dumper) string(text string, indent int) {
	switch {
	case !isPrintable(text):
		d.write("!!binary ")
		d.literal(base64.StdEncoding.EncodeToString([]byte(text)), indent)
	case strings.ContainsFunc(text, isBreak):
		if allowsLiteral(text) {
			d.literal(text, indent)
		} else {
			d.doubleQuoted(text, indent)
		}
	default:
		d.line(text, indent)
	}
}

// key writes a text as a simple key, on one line however long it is.
func (d *dumper) key(text string) {
	if !isPrintable(text) {
		d.write(`!!binary "` + base64.StdEncoding.EncodeToString([]byte(text)) + `"`)
		return
	}
	d.line(text, unfolded)
}

// maxSimpleKey is the length, tag included, up to which a key needs no "? " before it.
const maxSimpleKey = 128

// isSimpleKey reports whether a key needs no "? ". SnakeYAML counts the tag, though it then omits it.
func isSimpleKey(key string) bool {
	if !isPrintable(key) {
		return len("!!binary")+base64.StdEncoding.EncodedLen(len(key)) < maxSimpleKey
	}
	return key != "" && !strings.ContainsFunc(key, isBreak) && len("!!str")+units(key) < maxSimpleKey
}

// line writes a text without line breaks in the plainest style possible.
func (d *dumper) line(text string, indent int) {
	switch {
	case strings.ContainsFunc(text, isSpecial):
		d.doubleQuoted(text, indent)
	case isPlain(text) && isText(text):
		d.plain(text, indent)
	default:
		d.singleQuoted(text, indent)
	}
}

// isPlain reports whether YAML reads a text without quotes as one scalar.
func isPlain(text string) bool {
	if text == "" || strings.HasPrefix(text, " ") || strings.HasSuffix(text, " ") || leadingZero.MatchString(text) {
		return false
	}
	if strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...") || strings.ContainsRune("#,[]{}&*!|>'\"%@`", rune(text[0])) {
		return false
	}
	if strings.ContainsRune("?-", rune(text[0])) && (len(text) == 1 || text[1] == ' ') {
		return false
	}
	return !strings.Contains(text, ": ") && !strings.HasSuffix(text, ":") && !strings.Contains(text, " #")
}

// isText tells that YAML 1.1 does not take a text without quotes for a number, a bool, null or a
// time, as SnakeYAML's Resolver has them.
func isText(text string) bool { return !otherScalar.MatchString(text) }

var (
	leadingZero = regexp.MustCompile(`^0[0-9_]+$`)
	otherScalar = regexp.MustCompile(`^(?:` + strings.Join([]string{
		`|~|null|Null|NULL|<<`,
		`yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF`,
		`[-+]?0b_*[01][01_]*`, `[-+]?0_*[0-7][0-7_]*`, `[-+]?(?:0|[1-9][0-9_]*)`, `[-+]?0x_*[0-9a-fA-F][0-9a-fA-F_]*`,
		`[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?`, `[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+`, `[-+]?\.[0-9_]+(?:[eE][-+]?[0-9]+)?`,
		`[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+`, `[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*`, // to the base 60
		`[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)`,
		`[0-9]{4}-[0-9]{2}-[0-9]{2}`,
		`[0-9]{4}-[0-9]{2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?`,
		`[0-9]{4}-[0-9]-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?`,
	}, "|") + `)$`)
)

// isSpecial tells what can only be written in double quotes: tabs and carriage returns, of what
// is printable.
func isSpecial(r rune) bool { return r == '\t' || r == '\r' }

func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff
	})
}

// allowsLiteral tells texts of several lines in which no blank would be lost.
func allowsLiteral(text string) bool {
	if strings.HasSuffix(text, " ") || strings.ContainsFunc(text, isSpecial) {
		return false
	}
	previous := rune(0)
	for _, r := range text {
		if isBreak(r) && previous == ' ' {
			return false
		}
		previous = r
	}
	return true
}
