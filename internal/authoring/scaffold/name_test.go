package scaffold_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/scaffold"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

func testNames(t *testing.T, context_ spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		root    string
		request scaffold.Request
	)

	it.Before(func() {
		root = t.TempDir()
		request = scaffold.Request{Strip: -1, Memory: "64M", Module: "example.org/m", ModuleVersion: "v1.2.3"}
	})

	create := func(name string) error {
		request.Name, request.Directory = name, filepath.Join(root, name)
		return scaffold.New(context.Background(), request, scaffold.Tools{
			Go:   func(context.Context, string, ...string) error { return nil },
			Logf: t.Logf,
		})
	}
	read := func(name string, into any) {
		t.Helper()
		content, err := os.ReadFile(filepath.Join(request.Directory, filepath.FromSlash(name)))
		Expect(err).NotTo(HaveOccurred())
		Expect(yaml.Unmarshal(content, into)).To(Succeed())
	}

	it("refuses the names of programs that apps and the launcher call by PATH (CF-15, CF-16)", func() {
		for _, name := range []string{"bash", "sh", "env", "sleep-sidecar", "java_buildpack", "python3"} {
			Expect(create(name)).To(MatchError(ContainSubstring("first on PATH")), name)
		}
		Expect(create("bash-agent")).To(Succeed())
	})

	it("keeps a name as text that YAML would take for something else", func() {
		for _, name := range []string{"null", "true", "no", "on", "y", "agent"} {
			Expect(create(name)).To(Succeed())
			var manifest struct{ Language any }
			read("manifest.yml", &manifest)
			Expect(manifest.Language).To(Equal(name))
			var sidecars []struct{ Name any }
			read("example/sidecars.yml", &sidecars)
			Expect(sidecars).To(ConsistOf(HaveField("Name", name)))
			Expect(os.ReadFile(filepath.Join(request.Directory, "README.md"))).To(Or(
				ContainSubstring("- name: \""+name+"\"\n"), ContainSubstring("- name: "+name+"\n")), "the app's sidecars.yml")
		}
		Expect(os.ReadFile(filepath.Join(root, "null", "README.md"))).To(ContainSubstring("- name: \"null\"\n"))
	})

	it("gives the example more memory than the sidecar reserves (CF-33)", func() {
		for reserved, expected := range map[string]memory.Size{"64M": 512, "256M": 512, "512M": 768, "1G": 1280, "2047T": 2047<<20 + 256} {
			request.Memory = reserved
			Expect(create("agent")).To(Succeed(), reserved)
			var manifest struct{ Applications []struct{ Memory string } }
			read("example/manifest.yml", &manifest)
			Expect(memory.Parse(manifest.Applications[0].Memory)).To(Equal(expected), reserved)
			Expect(os.RemoveAll(request.Directory)).To(Succeed())
		}
	})

	context_("failure cases", func() {
		it("refuses names with which nothing could be built or staged, and writes nothing", func() {
			for _, wrong := range []struct{ name, problem string }{
				{"web", `found "web", the process type that every app has, and a sidecar needs a name of its own; expected another name, such as web-agent`},
				{"web-buildpack", `found "web-buildpack", the process type that every app has, and a sidecar needs a name of its own; expected another name, such as web-agent`},
				{"con", `found "con", which Go accepts in no module path; expected another name, such as con-agent`},
				{"aux-buildpack", `found "aux-buildpack", which Go accepts in no import path; expected another name, such as aux-agent`},
				{"testdata", `found "testdata", and Go builds nothing in the directory cmd/testdata; expected another name, such as testdata-agent`},
				{"vendor_buildpack", `found "vendor_buildpack", and Go builds nothing in the directory cmd/vendor; expected another name, such as vendor-agent`},
				{"v2-buildpack", `found "v2-buildpack", which Go takes for the version of a module, not for a program's name; expected another name, such as v2-agent`},
			} {
				Expect(create(wrong.name)).To(MatchError(&scaffold.OptionError{Option: "NAME", Problem: wrong.problem}))
				Expect(os.ReadDir(root)).To(BeEmpty())
			}
		})

		it("refuses a version of the module that would change the meaning of the CI workflow", func() {
			request.ModuleVersion = "v1.2.3 # x"
			Expect(create("agent")).To(MatchError(`--module-version: found "v1.2.3 # x"; expected one such as v1.2.3`))
		})
	})
}
