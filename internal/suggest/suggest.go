// Package suggest finds the known name that was probably meant by an unknown one: a key, a flag, a
// command, an app, a buildpack or a process type.
package suggest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// maxDistance is how many letters may differ, and maxLength the length of the longest name to
// compare.
const (
	maxDistance = 2
	maxLength   = 64
)

// Name returns the known name that was probably meant, or "". It ignores case and separators; at
// most two letters may differ, and at most a third of the known name's.
func Name(name string, known []string) string {
	best, distance := "", maxDistance+1
	wanted := letters(name)
	for _, candidate := range known {
		d := edits(wanted, letters(candidate))
		if d < distance && d*3 <= len(letters(candidate)) {
			best, distance = candidate, d
		}
	}
	return best
}

// Question asks whether a known name was meant, as in "; did you mean memory?". It is empty if no
// name is similar.
func Question(name string, known []string) string {
	return question(Name(name, known))
}

// Before asks the same before the rest of a sentence, usually a list of the known names: "; did you
// mean jre? It has jre, jdk". meant is the result of Name.
func Before(meant, rest string) string {
	if meant == "" {
		return "; " + rest
	}
	return question(meant) + " " + strings.ToUpper(rest[:1]) + rest[1:]
}

func question(meant string) string {
	if meant == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", meant)
}

// letters returns a name without case and separators.
func letters(name string) []rune {
	return slices.DeleteFunc([]rune(strings.ToLower(name)), func(char rune) bool {
		return strings.ContainsRune("-_./ ", char) || unicode.IsControl(char)
	})
}

// edits returns how many letters must be added, removed, replaced or swapped with the next one to
// change one text into another.
func edits(a, b []rune) int {
	if len(a) > maxLength || len(b) > maxLength {
		return maxLength
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[0], rows[1], rows[2]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		rows = [3][]int{last, row, before}
	}
	return rows[1][len(b)]
}
