package manifest

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"
)

func TestManifest(t *testing.T) {
	suite := spec.New("manifest", spec.Report(report.Terminal{}))
	suite("App", testApp)
	suite("Environment", testEnvironment)
	suite("EnvironmentFile", testEnvironmentFile)
	suite("Features", testFeatures)
	suite("Hostile", testHostile)
	suite("Keys", testKeys)
	suite("Notes", testNotes)
	suite("PlatformKeys", testPlatformKeys)
	suite("Problems", testProblems)
	suite("Processes", testProcesses)
	suite("Ruby", testRuby)
	suite("Sidecars", testSidecars)
	suite("Variables", testVariables)
	suite.Run(t)
}

// parseManifest parses a manifest with that content, and variables given as
// NAME=VALUE.
func parseManifest(t *testing.T, content string, pairs ...string) ([]App, error) {
	t.Helper()
	variables, err := LoadVariables(nil, pairs)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return Parse("manifest.yml", []byte(content), variables)
}

// oneApp is the only app of such a manifest.
func oneApp(t *testing.T, content string, pairs ...string) App {
	t.Helper()
	g := NewWithT(t)
	apps, err := parseManifest(t, content, pairs...)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(apps).To(HaveLen(1))
	return apps[0]
}

// notesOf are the notes of an app as text.
func notesOf(app App) []string {
	var all []string
	for _, note := range app.Notes {
		all = append(all, note.String())
	}
	return all
}

// named are the keys of a table of cases in an order that stays.
func named[V any](table map[string]V) []string {
	return slices.Sorted(maps.Keys(table))
}

// write writes a file with variables, and returns its path.
func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vars.yml")
	NewWithT(t).Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed())
	return path
}

func number(n int) *int         { return &n }
func words(text string) *string { return &text }

// prefixed puts a text in front of every line.
func prefixed(prefix, text string) string {
	return prefix + strings.ReplaceAll(text, "\n", "\n"+prefix)
}
