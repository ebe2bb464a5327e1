package manifest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testEnvironmentFile(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		dir    string
	)

	it.Before(func() {
		dir = t.TempDir()
		t.Chdir(dir)
	})

	file := func(name, content string) string {
		t.Helper()
		Expect(os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600)).To(Succeed())
		return name
	}

	load := func(files, pairs []string) map[string]string {
		t.Helper()
		read, notes, err := LoadEnvironment(files, pairs)
		Expect(err).NotTo(HaveOccurred())
		Expect(notes).To(BeEmpty())
		return read
	}

	it("reads names with values, comments, quotes, and export in front", func() {
		env := file("a.env", "# a comment\n\nPLAIN = a b # behind it\nexport EXPORTED=x\nEMPTY=\nSINGLE='{\"a\": \"$b\", #c \\n}'\nDOUBLE=\"two\\nlines \"\nDOLLAR=pa$$word${HOME}\nEQUALS=a=b\nspring.name=ü\n")
		Expect(load([]string{env}, nil)).To(Equal(map[string]string{
			"PLAIN": "a b", "EXPORTED": "x", "EMPTY": "", "SINGLE": `{"a": "$b", #c \n}`, "DOUBLE": "two\nlines ", "DOLLAR": "pa$$word${HOME}", "EQUALS": "a=b", "spring.name": "ü",
		}))
	})

	it("lets a later file win over an earlier one, and --env over all files, with its value as it is", func() {
		a, b := file("a.env", "A=a\nB=a\nC=a\n"), file("b.env", "B=b\nC=b\n")
		Expect(load([]string{a, b}, []string{"C= 'c' # $x", "D=", "D=x=y"})).To(Equal(map[string]string{"A": "a", "B": "b", "C": " 'c' # $x", "D": "x=y"}))
	})

	it("CF-24: notes what the platform replaces", func() {
		read, notes, err := LoadEnvironment([]string{file("a.env", "MEMORY_LIMIT=1g\nCF_MINE=x\n")}, []string{"CF_INSTANCE_INDEX=1"})
		Expect(err).NotTo(HaveOccurred())
		Expect(read).To(HaveLen(3))
		Expect(notes).To(Equal([]string{
			"a.env: MEMORY_LIMIT: the platform replaces it with its own value when it starts the app",
			"--env: CF_INSTANCE_INDEX: the platform replaces it with its own value when it starts the app",
		}))
	})

	context("failure cases, none of which quotes a value", func() {
		failure := func(files, pairs []string) string {
			t.Helper()
			_, _, err := LoadEnvironment(files, pairs)
			Expect(err).To(HaveOccurred())
			Expect(err.Error()).NotTo(ContainSubstring("s3cret"))
			return err.Error()
		}

		it("names the line, what was found and what would be right", func() {
			for content, message := range map[string]string{
				"A=1\nB=" + strings.Repeat("s3cret", 11_000) + "\n": "2: found a line that is too long; expected less than 65536 bytes",
				"A=1\ns3cret\n":        "2: found no equals sign; expected NAME=VALUE, a comment with # in front, or an empty line",
				"=s3cret\n":            "1: found no name; expected NAME=VALUE, a comment with # in front, or an empty line",
				"A=\"s3cret\n":         `1: found a quote that is not closed on its line; expected both quotes on one line, where \n between double quotes is a line feed`,
				"A=1\nB='s3cret\nx'\n": `2: found a quote that is not closed on its line; expected both quotes on one line, where \n between double quotes is a line feed`,
				"my-name=s3cret\n":     "1: found a name with another character; expected letters, digits, _, . and /, and no digit in front",
				"1A=s3cret\n":          "1: found a name with another character; expected letters, digits, _, . and /, and no digit in front",
				"A=\"s3cret\\q\"\n":    `1: found what cannot be in a value; expected one line of text, with quotes around it where it has quotes, # or a backslash, such as 'a "b" \c' or "a\nb"`,
			} {
				Expect(failure([]string{file("a.env", content)}, nil)).To(Equal("a.env:" + message))
			}
		})

		it("refuses a pair without a name or a value, and a file that is none", func() {
			Expect(failure(nil, []string{"NAME s3cret"})).To(Equal(`--env: found "NAME…"; expected NAME=VALUE`))
			Expect(failure(nil, []string{"NAME"})).To(Equal(`--env: found "NAME"; expected NAME=VALUE`))
			Expect(failure(nil, []string{"=s3cret"})).To(Equal(`--env: found "…"; expected NAME=VALUE`))
			Expect(failure([]string{"."}, nil)).To(ContainSubstring("failed to read the variables of --env-file: .: found a directory; expected a regular file"))
		})

		it("refuses what cf set-env does, all of it at once", func() {
			Expect(strings.Split(failure([]string{file("a.env", "VCAP_SERVICES=s3cret\nvmc_x=s3cret\n")}, []string{"port=s3cret", "A=\xff", "OK=1"}), "\n")).To(Equal([]string{
				"a.env: VCAP_SERVICES: Cloud Controller refuses it: cannot start with VCAP_; expected another name, or --services FILE for bound services",
				"a.env: vmc_x: Cloud Controller refuses it: cannot start with VMC_; expected another name",
				"--env: port: Cloud Controller refuses it: cannot set PORT; expected another name: the platform sets it",
				"--env: A: found bytes that are not text; expected UTF-8",
			}))
		})
	})
}
