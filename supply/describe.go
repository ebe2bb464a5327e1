package supply

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// describe sums a sidecar up for the staging log, a fact on a line.
func describe(d sidecar.Definition, command string) string {
	reserved := "none"
	if d.Memory > 0 {
		reserved = d.Memory.String()
	}
	types := make([]string, len(d.ProcessTypes))
	for i, t := range d.ProcessTypes {
		types[i] = printable(t)
	}
	return fmt.Sprintf("%s\nbeside:  %s\nmemory:  %s\ncommand: %s", printable(d.Name), strings.Join(types, ", "), reserved, printable(command))
}

// printable keeps a text on its own line of the log: one with line breaks or other
// control characters is put into quotes.
func printable(text string) string {
	if strings.ContainsFunc(text, func(char rune) bool { return !unicode.IsPrint(char) }) {
		return strconv.Quote(text)
	}
	return text
}
