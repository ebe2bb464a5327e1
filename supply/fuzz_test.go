package supply

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// FuzzBuildpackName reads any text as the config.yml of another buildpack: there is no panic, and
// what it is called in a log has nothing that a terminal obeys.
func FuzzBuildpackName(f *testing.F) {
	f.Add("name: java\nversion: 1.2.3\nconfig: {}\n")
	f.Add("name: \"\\e[2J\\u009b1A\\u202e\\u200b\\n\"")
	f.Add("name: [1]")
	f.Add("name: &a *a")
	f.Add("\xff\xfe\x00n")
	directory := f.TempDir()
	f.Fuzz(func(t *testing.T, content string) {
		if err := os.WriteFile(filepath.Join(directory, "config.yml"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		name, err := buildpackName(directory, "0")
		if len(content) > maxConfig && err != nil {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "the buildpack in position 0 of this push") || strings.ContainsFunc(name, unicode.IsControl) || strings.ContainsRune(name, '\u202e') {
			t.Fatalf("%q", name)
		}
	})
}
