package redact

import (
	"slices"
	"strings"
	"unicode"
)

const (
	blanks  = " \t\r\n"
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
)

// telling are parts of names that suggest a secret, in lower case.
var telling = []string{"token", "secret", "passw", "passphrase", "pwd", "credential", "apikey", "api-key", "api_key", "accesskey", "auth", "private", "signature", "session", "cookie"}

// tellingWords suggest a secret if they are a whole word of a name.
var tellingWords = []string{"key", "pass", "pw", "pin", "jwt"}

// Telling reports whether a name, or a text with one in it, suggests a secret.
func Telling(name string) bool {
	name = strings.ToLower(name)
	if slices.ContainsFunc(telling, func(part string) bool { return strings.Contains(name, part) }) {
		return true
	}
	return slices.ContainsFunc(strings.FieldsFunc(name, func(char rune) bool { return !isWord(char) }),
		func(word string) bool { return slices.Contains(tellingWords, word) })
}

// isLogin matches -u NAME:PASSWORD, as for curl.
func isLogin(name, value string) bool {
	return (name == "u" || name == "user") && strings.Contains(value[:until(value, blanks)], ":")
}

// prefixes are the prefixes of well-known credentials.
var prefixes = []string{
	"ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xapp-", "AKIA", "ASIA", "AIza",
	"sk-", "sk_live_", "rk_live_", "SG.", "hvs.", "hvb.", "eyJ", "npm_", "pypi-", "dop_v1_", "shpat_", "ya29.", "dckr_pat_", "NRAK-",
}

const (
	minPrefixed = 16 // characters of a credential with a known prefix
	minHex      = 32 // digits of a key in hexadecimal, or of a UUID
	minRun      = 20 // letters and digits in a row, of three kinds
	minMixed    = 32 // characters of base64
)

func isCredential(word string) bool {
	if len(word) >= minPrefixed && slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(word, prefix) }) {
		return true
	}
	hex := strings.ReplaceAll(word, "-", "")
	if len(hex) >= minHex && strings.ContainsAny(hex, digits) && strings.Trim(hex, digits+"abcdefABCDEF") == "" {
		return true
	}
	for run := range strings.FieldsFuncSeq(word, func(char rune) bool { return strings.ContainsRune("-_.=~", char) }) {
		if len(run) >= minRun && isMixed(run) {
			return true
		}
	}
	return false
}

// isMixed reports whether a word has letters in both cases and digits, as base64 does, or many
// changes between letters and digits.
func isMixed(word string) bool {
	changes := 0
	for i := range max(len(word)-1, 0) {
		if strings.IndexByte(digits, word[i]) >= 0 != (strings.IndexByte(digits, word[i+1]) >= 0) {
			changes++
		}
	}
	const many = 4
	return changes >= many ||
		strings.ContainsAny(word, digits) && strings.ContainsAny(word, letters[:26]) && strings.ContainsAny(word, letters[26:])
}

func isWord(char rune) bool { return unicode.IsLetter(char) || unicode.IsDigit(char) }

// until returns how many bytes precede the first one in a set.
func until(text, set string) int {
	if at := strings.IndexAny(text, set); at >= 0 {
		return at
	}
	return len(text)
}
