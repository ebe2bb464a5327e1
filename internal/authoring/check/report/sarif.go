package report

import (
	"encoding/json"
	"io"
	"net/url"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
)

const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://json.schemastore.org/sarif-2.1.0.json"
	project      = "https://github.com/cloudfoundry-community/sidecar-buildpack"
)

// The parts of SARIF 2.1.0 that a report needs. The specification is OASIS'
// "Static Analysis Results Interchange Format". A library for all of them would come with its own validator
// of JSON Schema.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
		Columns string        `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		URI     string      `json:"informationUri"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID            string           `json:"id"`
		Short         sarifText        `json:"shortDescription"`
		Help          sarifText        `json:"help"`
		HelpURI       string           `json:"helpUri"`
		Configuration sarifLevel       `json:"defaultConfiguration"`
		Properties    *sarifProperties `json:"properties,omitempty"`
	}
	sarifProperties struct {
		Tags []string `json:"tags"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifResult struct {
		Rule      string          `json:"ruleId"`
		Index     int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
)

// SARIF writes SARIF 2.1.0. Files of the buildpack are relative to %SRCROOT%. Findings in files
// that a staging has written are located at bin/supply, since services that show results drop those
// without a file of the repository.
func SARIF(to io.Writer, r Report, version string) error {
	run := sarifRun{Columns: "utf16CodeUnits", Results: []sarifResult{}, Tool: sarifTool{Driver: sarifDriver{Name: "sidecar check", Version: version, URI: project, Rules: []sarifRule{}}}}
	index := map[string]int{}
	for _, f := range r.Findings {
		if _, ok := index[f.Rule.ID]; !ok {
			index[f.Rule.ID] = len(index)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(f.Rule))
		}
		run.Results = append(run.Results, sarifResultOf(f, index[f.Rule.ID]))
	}
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}})
}

func sarifRuleOf(r finding.Rule) sarifRule {
	rule := sarifRule{
		ID: r.ID, Short: sarifText{sentence(r.Found)}, Help: sarifText{"Expected: " + sentence(r.Right)},
		HelpURI: project + "/blob/main/docs/check.md", Configuration: sarifLevel{string(r.Severity)},
	}
	if len(r.Platform) > 0 {
		rule.Properties = &sarifProperties{Tags: r.Platform}
	}
	return rule
}

func sarifResultOf(f finding.Finding, index int) sarifResult {
	text := sentence(f.Rule.Found + ": found " + f.Found)
	physical := sarifPhysical{Artifact: sarifArtifact{URI: escape(f.File), Base: "%SRCROOT%"}}
	if f.Written || f.File == "" {
		physical.Artifact.URI = "bin/supply"
		if f.File != "" {
			text = f.Where() + ": " + text
		}
	} else if f.Line > 0 {
		physical.Region = &sarifRegion{StartLine: f.Line}
	}
	if f.Staging != "" {
		text += " Staged as " + sentence(f.Staging)
	}
	return sarifResult{
		Rule: f.Rule.ID, Index: index, Level: string(f.Rule.Severity),
		Message: sarifText{text + " Expected " + sentence(f.Right)}, Locations: []sarifLocation{{physical}},
	}
}

// sentence makes a text end with a period.
func sentence(text string) string { return strings.TrimRight(text, ".") + "." }

// escape returns a path as a URI.
func escape(path string) string { return (&url.URL{Path: path}).EscapedPath() }
