package report

import (
	"encoding/json"
	"io"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

// jsonVersion is the version of the JSON form. Later releases may add keys without changing it.
const jsonVersion = 1

type jsonReport struct {
	Version   int           `json:"version"`
	Buildpack string        `json:"buildpack"`
	Errors    int           `json:"errors"`
	Warnings  int           `json:"warnings"`
	Notes     int           `json:"notes"`
	Stagings  []string      `json:"stagings"`
	Findings  []jsonFinding `json:"findings"`
}

type jsonFinding struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"`
	Platform []string `json:"platform_rules"`
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"`
	Written  bool     `json:"written,omitempty"`
	Summary  string   `json:"summary"`
	Found    string   `json:"found"`
	Expected string   `json:"expected"`
	Staging  string   `json:"staging,omitempty"`
}

// JSON writes one object; docs/check.md describes its keys.
func JSON(to io.Writer, r Report) error {
	all := jsonReport{
		Version: jsonVersion, Buildpack: r.Buildpack, Stagings: append([]string{}, r.Stagings...), Findings: []jsonFinding{},
		Errors: r.Count(finding.Error), Warnings: r.Count(finding.Warning), Notes: r.Count(finding.Note),
	}
	for _, f := range r.Findings {
		all.Findings = append(all.Findings, jsonFinding{
			Rule: f.Rule.ID, Severity: string(f.Rule.Severity), Platform: append([]string{}, f.Rule.Platform...), File: f.File, Line: f.Line, Written: f.Written,
			Summary: f.Rule.Found, Found: f.Found, Expected: f.Right, Staging: f.Staging,
		})
	}
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(all)
}
