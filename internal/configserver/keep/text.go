package keep

import "github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"

// text returns an error as one line, without the final period that its caller adds.
func text(err error) string { return printable.Unended(printable.Line(err.Error())) }
