package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/report"
)

func testReport(t *testing.T, _ spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		all    report.Report
		output bytes.Buffer
	)

	it.Before(func() {
		var list finding.List
		list.Add(finding.LaunchNoMemory, finding.Finding{File: "deps/0/launch.yml", Line: 2, Written: true, Found: "no limits.memory", Staging: "first of two"})
		list.Add(finding.ScriptSyntax, finding.Finding{File: "bin/a file%.sh", Line: 3, Found: "a \x1b[31mstray\n\"fi\""})
		list.Add(finding.NotLast, finding.Finding{Found: "no bin/finalize"})
		all = report.Report{Buildpack: "../agent", Findings: list.All(), Stagings: []string{"first of two"}}
	})

	it("writes text with the worst first, in which nothing can move the cursor or fake a line", func() {
		Expect(report.Text(&output, all)).To(Succeed())
		Expect(output.String()).To(Equal(`bin/a file%.sh:3: error: a script in bin has a syntax error: found a \x1b[31mstray\n"fi"
    expected a script that its shell can read: bash -n tells [script-syntax, CF-01]
deps/0/launch.yml:2: warning: a sidecar reserves no memory: found no limits.memory (staged as first of two)
    expected limits: {memory: MB}: otherwise, the app's runtime takes all of the container's memory for itself [launch-no-memory, CF-05, CF-22]
note: it can never be the last buildpack: found no bin/finalize
    expected for a push that names no other: bin/finalize, and bin/release that prints the process types [never-last, CF-01]
1 error, 1 warning and 1 note in ../agent, staged 1 times
`))
	})

	it("writes JSON of the documented shape", func() {
		Expect(report.JSON(&output, all)).To(Succeed())
		var object map[string]any
		Expect(json.Unmarshal(output.Bytes(), &object)).To(Succeed())
		Expect(object).To(And(HaveKeyWithValue("version", 1.0), HaveKeyWithValue("buildpack", "../agent"), HaveKeyWithValue("errors", 1.0),
			HaveKeyWithValue("warnings", 1.0), HaveKeyWithValue("notes", 1.0), HaveKeyWithValue("stagings", []any{"first of two"})))
		Expect(object["findings"]).To(HaveLen(3))
		Expect(object["findings"].([]any)[1]).To(Equal(map[string]any{
			"rule": "launch-no-memory", "severity": "warning", "platform_rules": []any{"CF-05", "CF-22"}, "file": "deps/0/launch.yml", "line": 2.0, "written": true,
			"summary": "a sidecar reserves no memory", "found": "no limits.memory", "staging": "first of two",
			"expected": "limits: {memory: MB}: otherwise, the app's runtime takes all of the container's memory for itself",
		}))
	})

	it("writes SARIF that the standard's schema accepts, with and without findings", func() {
		// The schema is that of OASIS, errata 01 of the standard.
		schema, err := jsonschema.NewCompiler().Compile("testdata/sarif-schema-2.1.0.json")
		Expect(err).NotTo(HaveOccurred())
		for _, r := range []report.Report{all, {Buildpack: "../agent"}} {
			output.Reset()
			Expect(report.SARIF(&output, r, "1.2.3")).To(Succeed())
			document, err := jsonschema.UnmarshalJSON(&output)
			Expect(err).NotTo(HaveOccurred())
			Expect(schema.Validate(document)).To(Succeed())
		}
	})

	it("locates findings in SARIF at files of the repository", func() {
		Expect(report.SARIF(&output, all, "1.2.3")).To(Succeed())
		var log struct {
			Runs []struct {
				Results []struct {
					Level     string
					Message   struct{ Text string }
					Locations []struct {
						PhysicalLocation struct {
							ArtifactLocation struct{ URI, URIBaseID string }
							Region           struct{ StartLine int }
						}
					}
				}
			}
		}
		Expect(json.Unmarshal(output.Bytes(), &log)).To(Succeed())
		var places []string
		for _, result := range log.Runs[0].Results {
			place := result.Locations[0].PhysicalLocation
			Expect(place.ArtifactLocation.URIBaseID).To(Equal("%SRCROOT%"))
			places = append(places, fmt.Sprintf("%s %s %d", result.Level, place.ArtifactLocation.URI, place.Region.StartLine))
		}
		Expect(places).To(Equal([]string{"error bin/a%20file%25.sh 3", "warning bin/supply 0", "note bin/supply 0"}))
		Expect(log.Runs[0].Results[1].Message.Text).To(ContainSubstring("deps/0/launch.yml:2: a sidecar reserves no memory"))
	})
}
