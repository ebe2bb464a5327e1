package dryrun

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf16"
)

// formsOf returns the forms in which programs write a value: as it is, in JSON, in a URL, in
// hexadecimal digits, in UTF-16, and in base64 at any offset, such as that of a password behind
// "user:".
func formsOf(value string) (forms [][]byte) {
	seen := map[string]bool{}
	add := func(all ...string) {
		for _, form := range all {
			if form != "" && !seen[form] {
				seen[form] = true
				forms = append(forms, []byte(form))
			}
		}
	}
	quoted, _ := json.Marshal(value) // text always can
	digits := hex.EncodeToString([]byte(value))
	add(value, strings.Trim(string(quoted), `"`), url.QueryEscape(value), url.PathEscape(value), digits, strings.ToUpper(digits))
	var little, big strings.Builder
	for _, unit := range utf16.Encode([]rune(value)) {
		little.Write([]byte{byte(unit), byte(unit >> 8)})
		big.Write([]byte{byte(unit >> 8), byte(unit)})
	}
	add(little.String(), big.String())
	for offset := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			add(encodedAt(encoding, value, offset))
		}
	}
	return forms
}

// encodedAt returns the characters of base64 that depend on a value alone, behind offset other
// bytes and in front of any.
func encodedAt(encoding *base64.Encoding, value string, offset int) string {
	const bitsOfByte, bitsOfCharacter = 8, 6
	encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", offset) + value))
	begin := (offset*bitsOfByte + bitsOfCharacter - 1) / bitsOfCharacter
	end := (offset + len(value)) * bitsOfByte / bitsOfCharacter
	return encoded[begin:end]
}
