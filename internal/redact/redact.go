// Package redact takes out of text what may be a secret, before a message quotes it.
// It is for what people write into the wrong place, or as a part of a command, an
// address or a name; it is no filter for values that are known to be secret, which no
// message may quote at all.
package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the most of a name that is shown, in characters.
const maxName = 40

// Name is a key or the name of a variable, up to the first character that no name
// has: behind it, as in TOKEN=VALUE, begins a value. So is Mark alone what begins with
// such a character, or looks like a credential.
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

// Quoted is a parser's message without what it quotes of its input, between single or
// double quotes or backticks. Single characters stay, as in: did not find expected ','
// or ']', and so does a number or a size, such as 256M.
func Quoted(message string) string {
	if quotesCharacters(message) {
		return message
	}
	at := strings.IndexAny(message, quotes)
	if at < 0 {
		return message
	}
	before, rest := message[:at+1], message[at+1:]
	end := strings.LastIndexByte(rest, message[at]) // the input may hold some, too
	if end < 0 {
		return before + Mark
	}
	if strings.ContainsFunc(rest[:end], isWord) && !isSize(rest[:end]) {
		return before + Mark + rest[end:]
	}
	return before + rest[:end+1] + Quoted(rest[end+1:])
}

// quotesCharacters tells a message that quotes single characters and nothing else.
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

// isSize tells a number with no more than a unit.
func isSize(text string) bool {
	const maxSize = 8 // characters
	number := span(text, digits)
	return number > 0 && len(text) <= maxSize && len(text)-number <= len("iB") && strings.Trim(text[number:], letters) == ""
}

// Text is a command, an address or other text of a user's, on which everything is left
// out that sets a variable to more than other variables, is the value of an option or a
// header with a telling name, is user, password, query or fragment of an address, or
// looks like a credential. Where it is not certain to where a value goes, the rest of
// the text is left out.
func Text(text string) string {
	s := scanner{text: text}
	for s.at < len(s.text) {
		if !s.startsWord() || !(s.address() || s.assignment() || s.option() || s.header() || s.credential()) {
			s.copy(1)
		}
	}
	return s.out.String()
}
