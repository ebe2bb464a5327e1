package scaffold_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/published"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/scaffold"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

const script = "#!/bin/sh\necho it runs\n"

func testNew(t *testing.T, _ spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		root    string
		request scaffold.Request
		tidied  []string
		failing error
		said    string
	)

	it.Before(func() {
		root, tidied, failing, said = t.TempDir(), nil, nil, ""
		request = scaffold.Request{Name: "agent-buildpack", Directory: filepath.Join(root, "agent-buildpack"), Version: "1.0.0", Strip: -1, Memory: "64M", Module: "example.org/m", ModuleVersion: "v1.2.3"}
	})

	run := func() error {
		installer := &install.Installer{Fetcher: install.Fetcher{Retry: install.DefaultRetryPolicy}, Limits: install.DefaultLimits, Logf: t.Logf}
		return scaffold.New(context.Background(), request, scaffold.Tools{
			Look: func(ctx context.Context, uri string, strip int) (published.File, error) {
				return published.Look(ctx, installer, uri, strip)
			},
			Go: func(_ context.Context, directory string, args ...string) error {
				Expect(filepath.Join(directory, "go.mod")).To(BeAnExistingFile())
				tidied = args
				return failing
			},
			Logf: func(format string, args ...any) { said += fmt.Sprintf(format, args...) + "\n" },
		})
	}
	read := func(name string) string {
		t.Helper()
		content, err := os.ReadFile(filepath.Join(request.Directory, name))
		Expect(err).NotTo(HaveOccurred())
		return string(content)
	}
	// archive makes a published archive: of each file the name and the content; those that begin
	// with #! or are programs are executable.
	archive := func(name string, files map[string]string) string {
		t.Helper()
		var content bytes.Buffer
		compressed := gzip.NewWriter(&content)
		packed := tar.NewWriter(compressed)
		for name, text := range files {
			mode := int64(0o644)
			if strings.HasPrefix(text, "#!") || strings.HasPrefix(text, "\x7fELF") {
				mode = 0o755
			}
			Expect(packed.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(text))})).To(Succeed())
			_, err := packed.Write([]byte(text))
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(errors.Join(packed.Close(), compressed.Close())).To(Succeed())
		path := filepath.Join(root, name)
		Expect(os.WriteFile(path, content.Bytes(), 0o600)).To(Succeed())
		return (&url.URL{Scheme: "file", Path: path}).String()
	}
	// program is one for an architecture, as the linker makes it.
	program := func(architecture string) string {
		t.Helper()
		directory := t.TempDir()
		Expect(os.WriteFile(filepath.Join(directory, "main.go"), []byte("package main\n\nfunc main() {}\n"), 0o600)).To(Succeed())
		build := exec.Command("go", "build", "-o", "program", "main.go")
		build.Dir, build.Env = directory, append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0", "GOARCH="+architecture)
		output, err := build.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		content, err := os.ReadFile(filepath.Join(directory, "program"))
		Expect(err).NotTo(HaveOccurred())
		return string(content)
	}
	catalog := func() sidecar.Definition {
		t.Helper()
		parsed, err := sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte(read("buildpack.toml"))})
		Expect(err).NotTo(HaveOccurred())
		bound, err := bindings.Read([]string{`VCAP_SERVICES={"user-provided": [{"name": "my apm", "credentials": {}}]}`})
		Expect(err).NotTo(HaveOccurred())
		found, _, err := sidecar.Resolve(sidecar.Request{Catalog: parsed, Services: sidecar.Services{Known: true, Bound: bound}, Sources: []sidecar.Source{{Name: "sidecars.yml", Content: []byte("- name: agent\n")}}})
		Expect(err).NotTo(HaveOccurred())
		return found[0]
	}

	it("writes a buildpack with a program of its own", func() {
		request.Version = ""
		Expect(run()).To(Succeed())
		Expect(tidied).To(Equal([]string{"mod", "tidy"}))
		Expect(catalog()).To(And(HaveField("Name", "agent"), HaveField("Package.Executable", "agent"), HaveField("Package.Dependency", "")))
		Expect(read("buildpack.toml")).To(ContainSubstring("id = \"agent\"\nname = \"Agent Sidecar Buildpack\"\n"))
		Expect(read("manifest.yml")).To(And(ContainSubstring("language: agent\n"), ContainSubstring("- bin/agent\n")))
		Expect(read("cmd/buildpack/main.go")).To(HaveSuffix("func main() {\n\tbuildpack.Main()\n}\n"))
		Expect(read("go.mod")).To(And(ContainSubstring("require example.org/m v1.2.3\n"), Not(ContainSubstring("replace"))))
		for _, name := range []string{"LICENSE", "README.md", "VERSION", ".gitignore", ".github/workflows/ci.yml", "example/Procfile", "example/sidecars.yml", "cmd/agent/main.go"} {
			Expect(read(name)).NotTo(BeEmpty(), name)
		}
		for _, name := range []string{"bin/detect", "bin/supply", "bin/finalize", "bin/release", "scripts/test.sh", "scripts/package.sh", "example/run.sh"} {
			info, err := os.Stat(filepath.Join(request.Directory, name))
			Expect(err).NotTo(HaveOccurred())
			Expect(info.Mode().Perm()&0o111).NotTo(BeZero(), name)
		}
		Expect(os.ReadDir(root)).To(HaveLen(1), "nothing else is left")
	})

	it("takes the only program of an archive, its checksum and version, and drops its one directory", func() {
		request.URI = archive("agent-4.5.6-linux-amd64.tar.gz", map[string]string{"agent-4.5.6/bin/agent": program("amd64"), "agent-4.5.6/install.sh": script, "agent-4.5.6/README": "x"})
		request.Version = ""
		request.Command, request.Memory = `agent --listen "$AGENT_PORT" --quoted '\d'`, "128M"
		Expect(run()).To(Succeed())
		Expect(catalog()).To(And(HaveField("Package.Dependency", "agent"), HaveField("Package.Executable", "bin/agent"), HaveField("Package.Artifact.Strip", 1),
			HaveField("Command", request.Command), HaveField("Memory", BeEquivalentTo(128))))
		var manifest struct {
			Defaults     []struct{ Name, Version string } `yaml:"default_versions"`
			Dependencies []struct{ Name, Version, URI, SHA256 string }
		}
		Expect(yaml.Unmarshal([]byte(read("manifest.yml")), &manifest)).To(Succeed())
		Expect(manifest.Dependencies).To(HaveExactElements(And(HaveField("Name", "agent"), HaveField("Version", "4.5.6"), HaveField("URI", request.URI), HaveField("SHA256", MatchRegexp("^[0-9a-f]{64}$")))))
		Expect(manifest.Defaults).To(HaveExactElements(And(HaveField("Name", "agent"), HaveField("Version", "4.5.6"))))
		Expect(said).To(And(ContainSubstring("The program is bin/agent"), ContainSubstring("which strip = 1 drops")))
		Expect(filepath.Join(request.Directory, "cmd", "agent")).NotTo(BeADirectory())
	})

	it("finds the version in the last elements of the path", func() {
		for path, version := range map[string]string{"v1.2.3/agent-linux-amd64": "1.2.3", "9.9.9/agent-2.0.0-rc.1.sh": "2.0.0-rc.1", "a/2.6.32-agent-4.5.6": "4.5.6"} {
			Expect(os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o700)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(root, path), []byte(script), 0o600)).To(Succeed())
			request.Version, request.URI = "", (&url.URL{Scheme: "file", Path: filepath.Join(root, path)}).String()
			Expect(run()).To(Succeed())
			Expect(read("manifest.yml")).To(ContainSubstring("  version: " + version + "\n"))
			Expect(os.RemoveAll(request.Directory)).To(Succeed())
		}
	})

	it("drops nothing of a bare program, whatever --strip says, and installs it under any name", func() {
		path := filepath.Join(root, "agent-4.5.6")
		Expect(os.WriteFile(path, []byte(script), 0o600)).To(Succeed())
		request.URI, request.Strip, request.Binary = (&url.URL{Scheme: "file", Path: path}).String(), 1, "renamed"
		Expect(run()).To(Succeed())
		Expect(catalog()).To(And(HaveField("Package.Executable", "renamed"), HaveField("Package.Artifact.Strip", 0)))
		Expect(said).To(ContainSubstring("--strip has no effect on a program that is not in an archive"))
	})

	it("gives a runtime an agent that is a file of its own, under the name that staging gives it", func() {
		var content bytes.Buffer
		jar := zip.NewWriter(&content)
		manifest, err := jar.Create("META-INF/MANIFEST.MF")
		Expect(err).NotTo(HaveOccurred())
		_, err = io.WriteString(manifest, "Premain-Class: Agent\n")
		Expect(errors.Join(err, jar.Close())).To(Succeed())
		path := filepath.Join(root, "vendors-agent-4.5.6.jar")
		Expect(os.WriteFile(path, content.Bytes(), 0o600)).To(Succeed())
		request.URI = "file://" + path
		request.Agents = []scaffold.Agent{{Runtime: "java", Path: "vendors-agent-4.5.6.jar"}}
		Expect(run()).To(MatchError("--from: found a Java archive, which is not a program; expected --command, too, such as 'java -jar $SIDECAR_PACKAGE/agent.jar'"))
		request.Command = "sleep 1000"
		Expect(run()).To(Succeed())
		Expect(catalog().Package.Executable).To(BeEmpty())
		Expect(catalog().AppEnv).To(ConsistOf(HaveField("Value", "-javaagent:$SIDECAR_PACKAGE/agent.jar")))
	})

	it("gives the sidecar to apps with a bound service, and its agents to their runtimes", func() {
		request.URI = archive("agent.tar.gz", map[string]string{"run": script, "lib/agent.jar": "jar", "py/sitecustomize.py": "pass", "node/register.js": "1"})
		request.Binding = "my apm"
		request.Agents = []scaffold.Agent{{Runtime: "java", Path: "lib/agent.jar"}, {Runtime: "python", Path: "py"}, {Runtime: "nodejs", Path: "node/register.js"}}
		Expect(run()).To(Succeed())
		Expect(catalog().AppEnv).To(ConsistOf(
			And(HaveField("Name", "JAVA_TOOL_OPTIONS"), HaveField("Join", "append"), HaveField("Value", "-javaagent:$SIDECAR_PACKAGE/lib/agent.jar")),
			And(HaveField("Name", "PYTHONPATH"), HaveField("Join", "prepend"), HaveField("Value", "$SIDECAR_PACKAGE/py")),
			And(HaveField("Name", "NODE_OPTIONS"), HaveField("Value", "--require=$SIDECAR_PACKAGE/node/register.js")),
		))
		Expect(read("buildpack.toml")).To(ContainSubstring("default = true\nbinding = \"my apm\"\n"))
		Expect(read("example/manifest.yml")).To(ContainSubstring("services:\n  - my apm\n"))
		Expect(read("example/.cfignore")).To(Equal(".sidecar-services.yml\n"), "it may have credentials")
		Expect(read("example/.sidecar-services.yml")).To(ContainSubstring("  my apm:\n"))
		Expect(filepath.Join(request.Directory, "example", "sidecars.yml")).NotTo(BeAnExistingFile())
	})

	it("writes data alone for released programs", func() {
		request.WithoutGo, request.URI = true, archive("agent.tar.gz", map[string]string{"run": script})
		request.Programs = archive("release.tar.gz", map[string]string{"bin/supply": script, "bin/supervise": script})
		Expect(run()).To(Succeed())
		Expect(tidied).To(BeNil())
		Expect(read("PROGRAMS")).To(MatchRegexp(`^uri=file:.*/release\.tar\.gz\nsha256=[0-9a-f]{64}\n$`))
		Expect(filepath.Join(request.Directory, "go.mod")).NotTo(BeAnExistingFile())
		Expect(read("manifest.yml")).To(ContainSubstring("version: 1.0.0\n"))
	})

	it("writes scripts that shellcheck finds nothing in", func() {
		if _, err := exec.LookPath("shellcheck"); err != nil {
			t.Skip("shellcheck is not installed")
		}
		for _, withoutGo := range []bool{false, true} {
			request.WithoutGo, request.Directory = withoutGo, filepath.Join(root, fmt.Sprint(withoutGo))
			request.URI = archive("agent.tar.gz", map[string]string{"run": script, "bin/supply": script, "bin/supervise": script})
			request.Programs, request.Binary = request.URI, "run"
			Expect(run()).To(Succeed())
			scripts, err := filepath.Glob(filepath.Join(request.Directory, "*", "*.sh"))
			Expect(err).NotTo(HaveOccurred())
			output, err := exec.Command("shellcheck", scripts...).CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
		}
	})

	it("failure cases: refuses what makes no buildpack, and leaves nothing", func() {
		for _, wrong := range []struct {
			change  func()
			problem string
		}{
			{func() { request.Name = "Agent" }, `NAME: found "Agent"; expected at most 50 lower-case letters, digits, - and _, a letter first`},
			{func() { request.Name = "../x" }, `NAME: found "../x"; expected`},
			{func() { request.Name = "sidecar_buildpack" }, `NAME: found "sidecar_buildpack", which is taken`},
			{func() { request.Name = "supply" }, `NAME: found "supply", which is taken`},
			{func() { request.Memory = "much" }, `--memory: found "much"`},
			{func() { request.Command = "a\nb" }, `--command: found "a\nb"; expected text of one line`},
			{func() { request.Directory = root }, "which exists already; expected a name that is not taken here"},
			{func() { request.WithoutGo, request.Version = true, "" }, "--without-go: found no --from"},
			{func() { request.Binary = "x" }, "--from: found --binary, --strip, --version or --agent without it"},
			{func() { request.URI = "https://marie:s3cret@example.com/agent-1.2.3" }, "--from: found a user, a password or a query"},
			{func() { request.URI = "https://example.com/agent-1.2.3?token=s3cret" }, "--from: found a user, a password or a query"},
			{func() {
				request.URI = archive("a.tar.gz", map[string]string{"agent": script, "a.py": "1"})
				request.Agents = []scaffold.Agent{{Runtime: "python", Path: "a.py"}}
			}, `--agent: found the file "a.py" for python; expected a directory or a zip`},
			{func() { request.Memory = "0" }, `--memory: found "0"; expected a size such as 64M`},
			{func() { request.Binding = " " }, `--binding: found " "; expected the name, label or tag of a service`},
			{func() { request.Command = "  " }, `--command: found "  "; expected a command`},
			{func() { request.Version, request.URI = "a b", "file:///agent" }, `--version: found "a b"; expected one such as 1.2.3`},
			{func() {
				request.Version, request.URI = "", "http://127.0.0.1:18917/crash.sh"
			}, "--version: found no version such as 1.2.3 in the path of http://127.0.0.1:18917/crash.sh; expected --version"},
			{func() {
				request.URI = archive("a.tar.gz", map[string]string{"agent": script, "a.jar": "1"})
				request.Agents = []scaffold.Agent{{Runtime: "java", Path: "a.jar"}, {Runtime: "java", Path: "a.jar"}}
			}, "--agent: found java twice; expected one agent for each runtime"},
			{func() {
				request.URI = archive("a.tar.gz", map[string]string{"my $prog'x": script})
			}, "staging would refuse the catalog: buildpack.toml"},
			{func() { request.URI = "file:///not/there.tar.gz" }, "there is no such file"},
			{func() { request.URI = archive("a.tar.gz", map[string]string{"README": "x", "doc/b": "y"}) }, "--from: found no program there; it holds "},
			{func() {
				path := filepath.Join(t.TempDir(), "agent-4.5.6")
				Expect(os.WriteFile(path, []byte(script), 0o600)).To(Succeed())
				request.URI, request.Agents = "file://"+path, []scaffold.Agent{{Runtime: "nodejs", Path: "lib/agent.js"}}
			}, `--agent: found the path "lib/agent.js", but the file is not an archive; expected its name, agent-4.5.6`},
			{func() { request.URI = archive("a.tar.gz", map[string]string{"agent": program("arm64")}) }, "--from: found no program that a container can run; agent, a program for the processor arm64"},
			{func() {
				request.URI, request.Binary = archive("a.tar.gz", map[string]string{"agent": program("arm64")}), "agent"
			}, "--binary: found a program for the processor arm64 (aarch64) in agent; expected one for amd64"},
			{func() { request.URI = archive("a.tar.gz", map[string]string{"a": script, "b": script}) }, "--binary: found 2 programs in the archive; expected --binary with one of "},
			{func() {
				request.URI, request.Binary = archive("a.tar.gz", map[string]string{"agent": script}), "agnet"
			}, `--binary: found no "agnet" in the archive; did you mean agent? It holds agent`},
			{func() {
				request.URI, request.Strip = archive("a.tar.gz", map[string]string{"agent": script}), 1
			}, "--from: found no program there; with --strip 1, it holds nothing"},
			{func() {
				request.URI = archive("a.tar.gz", map[string]string{"agent": script})
				request.Agents = []scaffold.Agent{{Runtime: "java", Path: "agent.jar"}}
			}, `--agent: found no "agent.jar" in the archive; it holds agent`},
			{func() {
				request.WithoutGo, request.URI = true, archive("a.tar.gz", map[string]string{"agent": script})
				request.Programs = request.URI
			}, "--programs: found no bin/supply and bin/supervise there"},
			{func() {
				path := filepath.Join(root, "bare-1.2.3")
				Expect(os.WriteFile(path, []byte(script), 0o600)).To(Succeed())
				request.URI, request.Binary = (&url.URL{Scheme: "file", Path: path}).String(), "some/dir/foo"
			}, `--binary: found the path "some/dir/foo", but the file is a program and no archive; expected its name alone, such as "foo"`},
			{func() { failing = errors.New("no network") }, "failed to find the modules that the buildpack is built from: no network. If it is example.org/m v1.2.3 that is not found, --module-version names another version, --replace builds from a checkout, and --without-go needs no modules"},
		} {
			request = scaffold.Request{Name: "agent", Directory: filepath.Join(root, "agent"), Version: "1.0.0", Strip: -1, Memory: "64M", Module: "example.org/m", ModuleVersion: "v1.2.3"}
			failing = nil
			wrong.change()
			if request.URI == "" && !strings.Contains(wrong.problem, "--version") {
				request.Version = ""
			}
			Expect(run()).To(MatchError(ContainSubstring(wrong.problem)))
			Expect(filepath.Glob(filepath.Join(root, "*agent*"))).To(BeEmpty())
		}
	})

	it("failure cases: says which agents there are", func() {
		_, err := scaffold.ParseAgent("jvaa=x.jar")
		Expect(err).To(MatchError("expected RUNTIME=PATH; did you mean java? The runtimes are dotnet, java, nodejs, python, ruby"))
		_, err = scaffold.ParseAgent("java")
		Expect(err).To(MatchError("expected a path in the archive after it: java=PATH"))
		_, err = scaffold.ParseAgent("java=../x.jar")
		Expect(err).To(MatchError("expected a path in the archive after java="))
	})
}
