package supervision

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testSpec(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
	)

	it.Before(func() { directory = t.TempDir() })

	it("is read as it was written", func() {
		specs := []Spec{
			{
				Name: "a\n\"é\\", Render: true, Env: []Variable{{Name: "A", Value: "$B\x01=\r\n\xff"}, {}}, WorkDir: "/a b", DependsOn: []string{"b", ""},
				Readiness: &Check{Type: CheckHTTP, Port: "$PORT", Endpoint: "/<>&", Interval: 1, InvocationTimeout: 2},
				Health:    &Check{Type: CheckExec, Socket: "$S", Status: "200-399,401", Headers: []Variable{{Name: "A", Value: "b=c"}}, HeadersFrom: "a B", Command: "x\ny"},
				Timeout:   3, Restart: RestartAlways, RestartLimit: 4, MemoryLimit: 1 << 50, StopAfterApp: true, StopTimeout: 5, StopAfter: []string{"c d", "e"},
				Log:    &Log{Level: "warn", Prefix: true, Drop: "^a\"b"},
				Reload: &Reload{On: []string{"$A", ReloadBindings}, Signal: "HUP", Restart: true},
			},
			{Name: "b"},
		}
		Expect(Write(directory, specs)).To(Succeed())
		Expect(Read(directory)).To(Equal(specs))
		Expect(Write(directory, specs[1:])).To(Succeed())
		Expect(Read(directory)).To(Equal(specs[1:]))
		entries, err := os.ReadDir(directory)
		Expect(err).NotTo(HaveOccurred())
		Expect(entries).To(HaveLen(1))
		Expect(entries[0].Name()).To(Equal("supervise.conf"))
		info, err := entries[0].Info()
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Mode()).To(Equal(fs.FileMode(0o600)))
	})

	it("has statuses of answers, and ranges of them", func() {
		Expect(ParseStatuses("200-399, 401,500-500")).To(Equal([]StatusRange{{200, 399}, {401, 401}, {500, 500}}))
		for _, text := range []string{"", "199", "600", "2xx", "200-", "-200", "399-200", "200,,201", "200-300-400", "+200", "0200"} {
			_, err := ParseStatuses(text)
			Expect(err).To(MatchError(HaveSuffix("; expected a status from 200 to 599, or a range such as 200-399")), text)
		}
	})

	it("is read where it is larger than what is read at once", func() {
		specs := make([]Spec, 5000)
		for i := range specs {
			specs[i] = Spec{Name: "a"}
		}
		Expect(Write(directory, specs)).To(Succeed())
		Expect(Read(directory)).To(Equal(specs))
	})

	it("asks for a supervisor that stays only where there is something to do", func() {
		for _, s := range []Spec{{}, {Restart: RestartNever}, {DependsOn: []string{"a"}, Env: []Variable{{}}, WorkDir: "/", Timeout: 1, RestartLimit: 1, StopTimeout: 1}} {
			Expect(s.KeepsSupervisor()).To(BeFalse())
		}
		for _, s := range []Spec{{Readiness: &Check{}}, {Health: &Check{}}, {Restart: RestartAlways}, {Restart: RestartOnFailure}, {MemoryLimit: 1}, {StopAfterApp: true}, {Reload: &Reload{}}, {Log: &Log{}}} {
			Expect(s.KeepsSupervisor()).To(BeTrue())
		}
	})

	it("is read as an older version has written it, without a version and with other names of keys", func() {
		for name, expected := range map[string][]Spec{
			"without-version.conf": {
				{Name: "older supervised", Readiness: &Check{Type: CheckProcess}, Restart: RestartAlways, StopAfterApp: true},
			},
			"older-keys.conf": {
				{Name: "first", WorkDir: "agent", Readiness: &Check{Type: CheckHTTP, Port: "8082", Endpoint: "/ready", Interval: 2, InvocationTimeout: 3}, Timeout: 90},
				{
					Name: "second", DependsOn: []string{"first"}, Health: &Check{Type: CheckPort, Port: "$PORT", Interval: 4, InvocationTimeout: 5},
					MemoryLimit: 64 << 20, StopAfterApp: true, StopTimeout: 7, StopAfter: []string{"third"},
				},
			},
		} {
			content, err := os.ReadFile(filepath.Join("testdata", name))
			Expect(err).NotTo(HaveOccurred())
			Expect(os.WriteFile(filepath.Join(directory, FileName), content, 0o600)).To(Succeed())
			Expect(Read(directory)).To(Equal(expected))
		}
	})

	it("has its version in its first line", func() {
		Expect(Write(directory, []Spec{{Name: "a"}})).To(Succeed())
		Expect(os.ReadFile(filepath.Join(directory, FileName))).To(BeEquivalentTo("version \"1\"\nname \"a\"\n"))
	})

	context("failure cases", func() {
		it("says which newer version it has found, and what to do", func() {
			Expect(os.WriteFile(filepath.Join(directory, FileName), []byte("version \"2\"\nname \"a\"\nwhatever \"b\"\n"), 0o600)).To(Succeed())
			_, err := Read(directory)
			Expect(err).To(MatchError("failed to parse " + directory + `/supervise.conf: found version "2"; expected 1: ` +
				"use the sidecar command of the buildpack that has staged the app, or stage it again with this one"))
		})

		it("knows no older key in a file with a version", func() {
			Expect(os.WriteFile(filepath.Join(directory, FileName), []byte("version \"1\"\nname \"a\"\nwait-for \"b\"\n"), 0o600)).To(Succeed())
			_, err := Read(directory)
			Expect(err).To(MatchError(HaveSuffix(`line 3: unknown key "wait-for"`)))
		})

		it("says what cannot be read", func() {
			_, err := Read(directory)
			Expect(err).To(MatchError(fs.ErrNotExist))
			Expect(err).To(MatchError("failed to read supervise.conf: open " + directory + "/supervise.conf: no such file or directory"))

			Expect(os.Mkdir(filepath.Join(directory, FileName), 0o755)).To(Succeed())
			_, err = Read(directory)
			Expect(err).To(MatchError("failed to read supervise.conf: " + directory + "/supervise.conf: found a directory; expected a regular file of at most 64 MB"))
			Expect(Write(directory, nil)).To(MatchError(HavePrefix("failed to write supervise.conf: rename ")))
			entries, err := os.ReadDir(directory)
			Expect(err).NotTo(HaveOccurred())
			Expect(entries).To(HaveLen(1), "no other file is left")
		})

		it("says what cannot be parsed", func() {
			for _, content := range []string{"{", "name", `name "a`, "name a", `memory "1"`, "name \"a\"\nreadiness-health-check-x \"1\"", "name \"a\"\nx-type \"1\"", "name \"a\"\nstop-after-app \"x\"", "\x00"} {
				Expect(os.WriteFile(filepath.Join(directory, FileName), []byte(content), 0o644)).To(Succeed())
				_, err := Read(directory)
				Expect(err).To(MatchError(HavePrefix("failed to parse "+directory+"/supervise.conf: ")), content)
			}
		})

		it("says which names there are", func() {
			_, err := Find([]Spec{{Name: "a"}, {Name: "b\n"}}, "c")
			Expect(err).To(MatchError(`found the name "c"; expected one of ["a" "b\n"]`))
		})

		it("says where nothing can be written", func() {
			Expect(Write(filepath.Join(directory, "none"), nil)).To(MatchError(And(HavePrefix("failed to write supervise.conf: open "), HaveSuffix(": no such file or directory"))))
		})
	})
}
