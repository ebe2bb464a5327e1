package integration_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testRules compares docs/platform-rules.md with the rules that the repository cites.
func testRules(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	const page = "docs/platform-rules.md"
	var (
		citation = regexp.MustCompile(`\bCF-([0-9]{2})\b`)
		row      = regexp.MustCompile(`(?m)^\| CF-([0-9]{2}) \| (.+) \| (.+) \|$`)

		rules map[string]string // what the platform does, by number
		cited map[string]string // a file that cites the number
		held  map[string]bool   // whether a spec cites it
	)

	it.Before(func() {
		rules, cited, held = map[string]string{}, map[string]string{}, map[string]bool{}
		content, err := os.ReadFile(filepath.Join(built.root, page))
		Expect(err).NotTo(HaveOccurred())
		rows := row.FindAllSubmatch(content, -1)
		Expect(rows).NotTo(BeEmpty())
		Expect(rows).To(HaveLen(bytes.Count(content, []byte("\n| CF-"))), "each row has a rule and its source")
		for _, found := range rows {
			number := string(found[1])
			Expect(rules[number]).To(BeEmpty(), "%s states CF-%s twice", page, number)
			rules[number] = string(found[2])
		}

		list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--",
			"*.go", "*.md", "*.sh", "*.yml", "*.toml", "*.conf", "bin/*")
		list.Dir = built.root
		files, err := list.Output()
		Expect(err).NotTo(HaveOccurred())
		for _, file := range strings.Split(strings.TrimRight(string(files), "\x00"), "\x00") {
			content, err := os.ReadFile(filepath.Join(built.root, file))
			if os.IsNotExist(err) {
				continue // removed, but not from git's index yet
			}
			Expect(err).NotTo(HaveOccurred())
			for _, found := range citation.FindAllSubmatch(content, -1) {
				cited[string(found[1])] = file
				held[string(found[1])] = held[string(found[1])] || strings.HasSuffix(file, "_test.go")
			}
		}
	})

	it("states each rule that the repository cites", func() {
		Expect(cited).NotTo(BeEmpty())
		for number, file := range cited {
			Expect(rules[number]).NotTo(BeEmpty(), "%s cites CF-%s, which %s does not have", file, number, page)
		}
	})

	it("has a spec for each rule, or says that there is none", func() {
		for number, text := range rules {
			none := strings.Contains(text, "(no spec:")
			Expect(held[number]).To(Equal(!none), "specs for CF-%s: %s", number, text)
		}
	})

	it("numbers the rules without a gap", func() {
		for i := range len(rules) {
			Expect(rules).To(HaveKey(fmt.Sprintf("%02d", i+1)))
		}
	})
}
