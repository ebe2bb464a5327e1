package keep

import (
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// text returns an error as one line, without the final period.
func text(err error) string { return printable.Unended(printable.Line(err.Error())) }

// sentence returns an error as one line that ends a sentence: with a period, unless it ends with a question such
// as "did you mean uri?".
func sentence(err error) string {
	line := text(err)
	if strings.HasSuffix(line, "?") {
		return line
	}
	return line + "."
}
