package packaged

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

const catalogFile = "buildpack.toml"

// An Entry is a sidecar in a catalog.
type Entry struct {
	Name       string `toml:"name"`
	Dependency string `toml:"dependency"`
	Executable string `toml:"executable"`
	Command    string `toml:"command"`
	Binding    any    `toml:"binding"`
	// Files has a template, or a table with the path of a template or of a file to copy.
	Files map[string]any `toml:"files"`
}

// Catalog returns the entries of a buildpack.toml; none if it is invalid.
func Catalog(content []byte) []Entry {
	var document struct {
		Metadata struct {
			Sidecars []Entry `toml:"sidecars"`
		} `toml:"metadata"`
	}
	if _, err := toml.Decode(string(content), &document); err != nil {
		return nil
	}
	return document.Metadata.Sidecars
}

// checkCatalog checks the buildpack.toml of a buildpack of this family. Other buildpacks may use
// that file for something else.
func (b *Buildpack) checkCatalog(m *manifest) {
	content, err := regularfile.ReadFS(b.FS, catalogFile, maxText)
	if err != nil {
		return // no catalog
	}
	var document map[string]any
	if _, err := toml.Decode(string(content), &document); err != nil {
		found := finding.Finding{File: catalogFile, Found: err.Error()}
		var parse toml.ParseError
		if errors.As(err, &parse) {
			found.Line, found.Found = parse.Position.Line, parse.Message
		}
		b.add(finding.CatalogSyntax, found)
		return
	}
	_, err = sidecar.ParseCatalog(sidecar.Source{Name: catalogFile, Content: content})
	var problems sidecar.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			b.add(finding.CatalogInvalid, finding.Finding{File: catalogFile, Line: cmp.Or(p.At.Line, problemLine(content, p)), Found: p.What + ": " + p.Found, Right: p.Want})
		}
	}
	b.checkEntries(content, m)
}

// checkEntries checks that the buildpack has what its catalog names, and that files can be rendered.
func (b *Buildpack) checkEntries(content []byte, m *manifest) {
	for _, entry := range Catalog(content) {
		at := func(key, format string, args ...any) finding.Finding {
			return finding.Finding{File: catalogFile, Line: lineOf(content, entry.Name, key), Found: fmt.Sprintf("sidecar %s: ", entry.Name) + fmt.Sprintf(format, args...)}
		}
		switch {
		case entry.Dependency != "":
			if m != nil && !m.leavesOut(entry.Dependency) && !slices.ContainsFunc(m.Dependencies, func(d dependency) bool { return d.Name.Value == entry.Dependency }) {
				b.add(finding.CatalogUnknown, at("dependency", "the dependency %q, which manifest.yml does not have", entry.Dependency))
			}
		case entry.Executable != "" && !b.has(path.Join("bin", entry.Executable)) && !b.adds(entry.Executable, m):
			b.add(finding.CatalogUnknown, at("executable", "the program %q, which is not in bin", entry.Executable))
		}
		for _, problem := range b.templateProblems(entry.Name, entry.Files, m) {
			b.add(finding.CatalogTemplate, at("files", "%s", problem))
		}
	}
}

// adds reports whether packaging adds a program to bin that does not exist yet.
func (b *Buildpack) adds(name string, m *manifest) bool {
	file := path.Join("bin", name)
	return b.has(path.Join("cmd", name, "main.go")) || m != nil && slices.ContainsFunc(m.IncludeFiles, func(t text) bool { return t.Value == file })
}

var (
	namedEntry = regexp.MustCompile(`^sidecar "([^"]*)"`)
	namedKey   = regexp.MustCompile(`^the key "([^"]*)"|: ([a-z_-]+)$`)
)

// problemLine returns the line of a problem in the catalog, as far as its text tells.
func problemLine(content []byte, p sidecar.Problem) int {
	entry, key := "", ""
	if match := namedEntry.FindStringSubmatch(p.What); match != nil {
		entry = match[1]
	}
	for _, text := range []string{p.Found, p.What} {
		if match := namedKey.FindStringSubmatch(text); match != nil && key == "" {
			key = match[1] + match[2]
		}
	}
	return lineOf(content, entry, key)
}

// lineOf returns the line of a key of an entry, or of any entry if that is empty; otherwise the
// line of the entry's name; 0 if the catalog has another layout than one key per line.
func lineOf(content []byte, entry, key string) int {
	begin, at, keyAt := 0, 0, 0 // lines of the table, of the entry's name, and of the key
	for i, line := range strings.Split(string(content), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "[[") {
			if at > begin && keyAt > 0 {
				break
			}
			begin, keyAt = i+1, 0
		}
		name, stated, _ := strings.Cut(line, "=")
		name, stated = strings.Trim(name, " \t\"'"), strings.Trim(strings.TrimSpace(stated), `"'`)
		if name == "name" && (stated == entry || entry == "") {
			at = i + 1
		}
		if name == key && keyAt == 0 {
			keyAt = i + 1
		}
		if entry == "" && keyAt > 0 {
			break
		}
	}
	if keyAt > 0 && (entry == "" || at > begin) {
		return keyAt
	}
	if entry == "" {
		return 0
	}
	return at
}
