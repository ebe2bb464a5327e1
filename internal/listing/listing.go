// Package listing limits lists of problems to a length that people read.
package listing

import "fmt"

// Max is the maximum number of lines in a list.
const Max = 100

// Lines returns the first Max lines, and a line with the number of the others.
func Lines(lines []string) []string {
	if len(lines) <= Max {
		return lines
	}
	return append(lines[:Max:Max], fmt.Sprintf("and %d more", len(lines)-Max))
}
