package launch_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"code.cloudfoundry.org/buildpackapplifecycle"
	"code.cloudfoundry.org/buildpackapplifecycle/buildpackrunner/resources"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	lifecycleyaml "gopkg.in/yaml.v2"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testWrite(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
	)

	it.Before(func() {
		directory = t.TempDir()
	})

	lifecycle := func() resources.LaunchData {
		t.Helper()
		content, err := os.ReadFile(filepath.Join(directory, launch.FileName))
		Expect(err).NotTo(HaveOccurred())
		var data resources.LaunchData
		Expect(lifecycleyaml.UnmarshalStrict(content, &data)).To(Succeed(), string(content))
		return data
	}

	it("CF-05 writes a file that a reader understands", func() {
		Expect(launch.Write(directory, []launch.Process{
			{Type: "performance monitor", Command: `bin/monitor --port "$PORT"`, Memory: 128, SidecarFor: []string{"web", "worker"}},
			{Type: "web", Command: "run"},
		})).To(Succeed())
		content, err := os.ReadFile(filepath.Join(directory, launch.FileName))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(content)).To(Equal(`processes:
    - type: performance monitor
      command: bin/monitor --port "$PORT"
      limits:
        memory: 128
      platforms:
        cloudfoundry:
            sidecar_for: [web, worker]
    - type: web
      command: run
`))
		info, err := os.Stat(filepath.Join(directory, launch.FileName))
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Mode().String()).To(Equal("-rw-------"))
	})

	it("CF-12 ends in the staging result's sidecars", func() {
		Expect(launch.Write(directory, []launch.Process{
			{Type: "config server", Command: "serve", Memory: 32, SidecarFor: []string{"web", "worker"}},
			{Type: "idle", Command: "wait", SidecarFor: []string{"web"}},
		})).To(Succeed())
		Expect(resources.ConvertToResult(lifecycle()).Sidecars).To(Equal([]buildpackapplifecycle.Sidecar{
			{Name: "config server", ProcessTypes: []string{"web", "worker"}, Command: "serve", Memory: 32},
			{Name: "idle", ProcessTypes: []string{"web"}, Command: "wait"},
		}))
	})

	it("CF-05 writes any text so that the lifecycle and Read see the same", func() {
		random := rand.New(rand.NewPCG(5, 0))
		for range 3000 {
			processes := []launch.Process{
				{Type: "a" + randomText(random), Command: "b" + randomText(random), Memory: random.IntN(1 << 31), SidecarFor: []string{"c" + randomText(random)}},
				{Type: randomText(random) + "d", Command: randomText(random) + "e", SidecarFor: []string{randomText(random) + "f", randomText(random) + "g"}},
				{Type: randomText(random) + "h", Command: "i"},
			}
			Expect(launch.Write(directory, processes)).To(Succeed())
			Expect(fromLifecycle(lifecycle().Processes)).To(Equal(processes))
			Expect(launch.Read(filepath.Join(directory, launch.FileName))).To(Equal(processes))
		}
	})

	for _, word := range []string{
		"yes", "no", "on", "off", "y", "n", "true", "null", "~", "<<", "=", "1", "0777", "0o7", "0b1", "0x1f", "1_000", "1:20", ".5", "1e3", ".inf", ".nan", "2001-01-01", "-", "- a", "? a", "a: b", "a #b", "#", "&a", "*a", "!a", "%a", "@a", "`a`", "[a", "{a", "'", "\"", "''", "|", ">", "---", "...", "a\n---\nb", "\\", "\t\\t", " a ", "a\n", "\na", "  a\n b\n", "a\r\nb", "a\n\n\nb\n\n", "\u0085a", "a\u2028b", "\ufeffa", "ü€😀", "\u200b", "\x01\x7f",
	} {
		it("CF-05 writes "+strings.ReplaceAll(word, "\n", `\n`)+" as text", func() {
			processes := []launch.Process{{Type: word, Command: word, SidecarFor: []string{word}}}
			Expect(launch.Write(directory, processes)).To(Succeed())
			Expect(fromLifecycle(lifecycle().Processes)).To(Equal(processes))
			Expect(launch.Read(filepath.Join(directory, launch.FileName))).To(Equal(processes))
		})
	}

	it("replaces the file and leaves nothing else", func() {
		for range 2 {
			Expect(launch.Write(directory, []launch.Process{{Type: "a", Command: "b"}})).To(Succeed())
		}
		Expect(os.ReadDir(directory)).To(HaveLen(1))
	})

	it("CF-27 writes what has just the greatest length", func() {
		processes := []launch.Process{{Type: strings.Repeat("ü", 255), Command: strings.Repeat("ü", 4096), SidecarFor: []string{strings.Repeat("ü", 255)}}}
		Expect(launch.Write(directory, processes)).To(Succeed())
		Expect(fromLifecycle(lifecycle().Processes)).To(Equal(processes))
	})

	context("failure cases", func() {
		long := strings.Repeat("x", 256)
		cases := map[string]struct {
			processes []launch.Process
			problem   string
		}{
			"CF-08 an entry twice":       {[]launch.Process{{Type: "a", Command: "b"}, {Type: "a", Command: "c", SidecarFor: []string{"web"}}}, `two entries are called "a"; each needs a name of its own`},
			"CF-27 a blank type":         {[]launch.Process{{Type: " ", Command: "b"}}, `" ": the type is blank; it needs a name`},
			"CF-27 no command":           {[]launch.Process{{Type: "a"}}, `"a": there is no command`},
			"CF-27 a blank command":      {[]launch.Process{{Type: "a", Command: "\n"}}, `"a": there is no command`},
			"CF-27 a long type":          {[]launch.Process{{Type: long, Command: "b"}}, `"` + long + `": the type has 256 characters; at most 255 are allowed`},
			"CF-27 a long command":       {[]launch.Process{{Type: "a", Command: strings.Repeat("x", 4097)}}, `"a": the command has 4097 characters; at most 4096 are allowed`},
			"CF-27 a long process type":  {[]launch.Process{{Type: "a", Command: "b", SidecarFor: []string{long}}}, `"a": the process type "` + long + `" has 256 characters; from 1 to 255 are allowed`},
			"CF-27 an empty type":        {[]launch.Process{{Type: "a", Command: "b", SidecarFor: []string{""}}}, `"a": the process type "" has 0 characters; from 1 to 255 are allowed`},
			"CF-28 a process type twice": {[]launch.Process{{Type: "a", Command: "b", SidecarFor: []string{"web", "web"}}}, `"a": the process type "web" is listed twice`},
			"CF-37 negative memory":      {[]launch.Process{{Type: "a", Command: "b", Memory: -1}}, `"a": the memory is -1 MB; it must be a whole number of MB from 1 to 2147483647, or left out`},
			"CF-29 too much memory":      {[]launch.Process{{Type: "a", Command: "b", Memory: 1 << 31}}, `"a": the memory is 2147483648 MB; it must be a whole number of MB from 1 to 2147483647, or left out`},
			"CF-36 NUL":                  {[]launch.Process{{Type: "a", Command: "b\x00"}}, `"a": "b\x00" is not text in UTF-8 without NUL`},
			"CF-36 what is not UTF-8":    {[]launch.Process{{Type: "a", Command: "b\xff"}}, `"a": "b\xff" is not text in UTF-8 without NUL`},
			"CF-36 all of it at once":    {[]launch.Process{{Type: "a", Memory: -1}, {Type: "b"}}, "\"a\": there is no command\n\"a\": the memory is -1 MB; it must be a whole number of MB from 1 to 2147483647, or left out\n\"b\": there is no command"},
		}
		for _, name := range slices.Sorted(maps.Keys(cases)) {
			c := cases[name]
			it("refuses "+name+" and writes nothing", func() {
				Expect(launch.Write(directory, c.processes)).To(MatchError("failed to write launch.yml: " + c.problem))
				Expect(os.ReadDir(directory)).To(BeEmpty())
			})
		}

		it("leaves the old file where it refuses the new one", func() {
			Expect(launch.Write(directory, []launch.Process{{Type: "a", Command: "b"}})).To(Succeed())
			Expect(launch.Write(directory, []launch.Process{{Type: "a"}})).NotTo(Succeed())
			Expect(launch.Read(filepath.Join(directory, launch.FileName))).To(Equal([]launch.Process{{Type: "a", Command: "b"}}))
		})

		it("says that the directory is missing", func() {
			err := launch.Write(filepath.Join(directory, "missing"), []launch.Process{{Type: "a", Command: "b"}})
			Expect(err).To(MatchError(And(HavePrefix("failed to write "+filepath.Join(directory, "missing", "launch.yml")+": "), HaveSuffix(": no such file or directory"))))
		})

		it("leaves nothing behind where it cannot put the file in its place", func() {
			Expect(os.MkdirAll(filepath.Join(directory, launch.FileName, "taken"), 0o755)).To(Succeed())
			Expect(launch.Write(directory, []launch.Process{{Type: "a", Command: "b"}})).NotTo(Succeed())
			Expect(os.ReadDir(directory)).To(HaveLen(1))
		})
	})
}

// randomText is made of what YAML gives a meaning to.
func randomText(random *rand.Rand) string {
	parts := []string{" ", "  ", "\n", "\n\n", "\n  ", "\t", "\r", "\r\n", ": ", ":", " #", "#", "- ", "-", "? ", "'", "\"", "\\", "\\n", "|", ">", "%", "@", "&a", "*a", "!", "!!int ", "{", "}", "[", "]", ",", "~", "null", "true", "1", "0x1", "1e3", "<<", "=", "---", "\n---\n", "\n...\n", "$DEPS_DIR", "ü", "😀", "\u0085", "\u2028", "\ufeff", "\u00a0", "\x07", "\x1b", "a", "b c"}
	var text strings.Builder
	for range random.IntN(8) {
		text.WriteString(parts[random.IntN(len(parts))])
	}
	return text.String()
}
