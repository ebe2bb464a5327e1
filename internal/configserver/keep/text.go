package keep

import "github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"

// text is an error in one line, without the full stop that its caller writes.
func text(err error) string { return printable.Unended(printable.Line(err.Error())) }
