// Package listing keeps lists of problems to a length that a person reads.
package listing

import "fmt"

// Max is how many lines of a list are shown.
const Max = 100

// Lines are the first Max lines, and how many more there are.
func Lines(lines []string) []string {
	if len(lines) <= Max {
		return lines
	}
	return append(lines[:Max:Max], fmt.Sprintf("and %d more", len(lines)-Max))
}
