package springlayout

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const endOfFile rune = -1

// propertiesReader reads one character at a time. It holds back a UTF-16 surrogate from \uXXXX until the other
// half follows.
type propertiesReader struct {
	text string
	at   int // of the next character

	char    rune // the current one
	escaped bool
	column  int
	comment rune // the first character of the last line, if that is a comment

	finished []*values
	current  *values
}

// raw reads one character as it is.
func (p *propertiesReader) raw() {
	if p.at >= len(p.text) {
		p.char = endOfFile
		return
	}
	char, size := utf8.DecodeRuneInString(p.text[p.at:])
	p.char, p.at = char, p.at+size
}

// next reads one character. It skips leading white space, joins lines that end in a backslash, and decodes
// escapes.
func (p *propertiesReader) next() error {
	for {
		p.escaped = false
		p.raw()
		p.column++
		if p.column == 0 {
			p.skipSpace()
		}
		if p.char == '\n' {
			p.column = -1
		}
		if p.char != '\\' {
			return nil
		}
		p.escaped = true
		p.raw()
		switch p.char {
		case '\n':
			p.column = -1
			continue
		case 'u':
			return p.unicode()
		}
		if i := strings.IndexRune("trnf", p.char); i >= 0 {
			p.char = rune("\t\r\n\f"[i])
		}
		return nil
	}
}

func (p *propertiesReader) unicode() error {
	digits := p.text[p.at:min(p.at+4, len(p.text))]
	code, err := strconv.ParseUint(digits, 16, 16)
	if err != nil || len(digits) < 4 {
		return errors.New(`found \u without four hexadecimal digits behind it; expected \uXXXX`)
	}
	p.char, p.at = rune(code), p.at+4
	return nil
}

func (p *propertiesReader) skipSpace() {
	for p.isSpace() {
		p.raw()
		p.column++
	}
}

func (p *propertiesReader) isSpace() bool {
	return !p.escaped && (p.char == ' ' || p.char == '\t' || p.char == '\f')
}

func (p *propertiesReader) endsLine() bool {
	return p.char == endOfFile || !p.escaped && p.char == '\n'
}

// utf16Text joins surrogates.
type utf16Text struct {
	text strings.Builder
	high rune // a surrogate whose other half may follow
}

func (t *utf16Text) add(char rune) {
	if joined := utf16.DecodeRune(t.high, char); t.high != 0 && joined != utf8.RuneError {
		t.high = 0
		t.text.WriteRune(joined)
		return
	}
	t.flush()
	if utf16.IsSurrogate(char) {
		t.high = char
		return
	}
	t.text.WriteRune(char)
}

func (t *utf16Text) flush() {
	if t.high != 0 {
		t.text.WriteRune(utf8.RuneError)
		t.high = 0
	}
}

func (t *utf16Text) String() string {
	t.flush()
	return t.text.String()
}
