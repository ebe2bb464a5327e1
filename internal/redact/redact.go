// Package redact removes possible secrets from text before a message quotes it. It is for text that
// users write into the wrong place, or as part of a command, an address or a name. It is not a
// filter for values that are known to be secret: no message may quote these at all.
package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is how much of a name is shown, in characters.
const maxName = 40

// Name returns a key or the name of a variable, up to the first character that no name has: after
// it, as in TOKEN=VALUE, a value may begin. If a text begins with such a character, or looks like a
// credential, it returns only Mark.
func Name(text string) string {
	end, count := 0, 0
	for end < len(text) && count < maxName {
		char, size := utf8.DecodeRuneInString(text[end:])
		if char == utf8.RuneError || char != '_' && char != '-' && char != '.' && !unicode.IsLetter(char) && !unicode.IsDigit(char) {
			break
		}
		end, count = end+size, count+1
	}
	switch name := text[:end]; {
	case isCredential(name):
		return Mark
	case end < len(text):
		return name + Mark
	default:
		return name
	}
}

// Quoted removes a parser's quotes of its input, in single or double quotes or backticks. It keeps
// single characters, as in: did not find expected ',' or ']', and numbers or sizes, such as 256M.
func Quoted(message string) string {
	if quotesCharacters(message) {
		return message
	}
	at := strings.IndexAny(message, quotes)
	if at < 0 {
		return message
	}
	before, rest := message[:at+1], message[at+1:]
	end := strings.LastIndexByte(rest, message[at]) // the input may contain some, too
	if end < 0 {
		return before + Mark
	}
	if strings.ContainsFunc(rest[:end], isWord) && !isSize(rest[:end]) {
		return before + Mark + rest[end:]
	}
	return before + rest[:end+1] + Quoted(rest[end+1:])
}

// quotesCharacters reports whether a message quotes only single characters.
func quotesCharacters(message string) bool {
	parts := strings.Split(message, "'")
	if len(parts)%2 == 0 || strings.ContainsAny(message, "\"`") {
		return false
	}
	for i := 1; i < len(parts); i += 2 {
		if utf8.RuneCountInString(parts[i]) > 1 {
			return false
		}
	}
	return true
}

// isSize reports whether a text is a number with at most a unit.
func isSize(text string) bool {
	const maxSize = 8 // characters
	number := span(text, digits)
	return number > 0 && len(text) <= maxSize && len(text)-number <= len("iB") && strings.Trim(text[number:], letters) == ""
}

// Text redacts a command, an address or other text of a user. It removes the values of variables,
// unless they only refer to other variables, the values of options and headers with telling names,
// the user, password, query and fragment of addresses, and everything that looks like a credential.
// If the end of a value is uncertain, it removes the rest of the text.
func Text(text string) string {
	s := scanner{text: text}
	for s.at < len(s.text) {
		if !s.startsWord() || !(s.address() || s.assignment() || s.option() || s.header() || s.credential()) {
			s.copy(1)
		}
	}
	return s.out.String()
}
