// Package report writes findings as text, JSON or SARIF.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// A Report is the result of a check.
type Report struct {
	Buildpack string // the user's name for it, without secrets
	Findings  []finding.Finding
	Stagings  []string // the names of the stagings
	// Incomplete is true if stagings failed too early to show how the buildpack behaves.
	Incomplete bool
}

// Count returns the number of findings of a severity.
func (r Report) Count(severity finding.Severity) (count int) {
	for _, f := range r.Findings {
		if f.Rule.Severity == severity {
			count++
		}
	}
	return count
}

// Worst reports whether there is a finding of this severity, or worse.
func (r Report) Worst(severity finding.Severity) bool {
	for _, f := range r.Findings {
		if f.Rule.Severity.AtLeast(severity) {
			return true
		}
	}
	return false
}

// Text writes each finding on two lines; the first begins like a compiler message.
func Text(to io.Writer, r Report) error {
	for _, f := range r.Findings {
		where := ""
		if f.File != "" {
			where = f.Where() + ": "
		}
		during := ""
		if f.Staging != "" {
			during = " (staged as " + f.Staging + ")"
		}
		_, err := fmt.Fprintf(to, "%s%s: %s: found %s%s\n    expected %s [%s]\n",
			printable.Line(where), f.Rule.Severity, f.Rule.Found, printable.Line(f.Found), during, printable.Line(f.Right), strings.Join(append([]string{f.Rule.ID}, f.Rule.Platform...), ", "))
		if err != nil {
			return err
		}
	}
	if len(r.Findings) == 0 {
		_, err := fmt.Fprintf(to, "OK: nothing found in %s, staged %d times\n", printable.Line(r.Buildpack), len(r.Stagings))
		return err
	}
	incomplete := ""
	if r.Incomplete {
		incomplete = "; its behavior was not checked, since staging needs the network: pass --network, or check a cached package"
	}
	_, err := fmt.Fprintf(to, "%s, %s and %s in %s, staged %d times%s\n",
		counted(r.Count(finding.Error), "error"), counted(r.Count(finding.Warning), "warning"), counted(r.Count(finding.Note), "note"), printable.Line(r.Buildpack), len(r.Stagings), incomplete)
	return err
}

func counted(count int, what string) string {
	if count == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", count, what)
}
