package integration_test

import (
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"
)

// testSource stages with the repository itself as the buildpack, whose programs
// are then built from source.
func testSource(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
	)

	it.Before(func() {
		directory = app(t, map[string]string{"Procfile": "web: ./start", "sidecars.yml": "- name: config-server"})
	})

	// run runs a program in a directory of its own.
	run := func(directory, name string, args ...string) {
		t.Helper()
		command := exec.Command(name, args...)
		command.Dir = directory
		output, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
	}
	// clone makes a copy of the repository as its users get it: what git knows
	// or would take.
	clone := func() string {
		copied := t.TempDir()
		list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
		list.Dir = built.root
		files, err := list.Output()
		Expect(err).NotTo(HaveOccurred())
		for _, file := range strings.Split(strings.TrimRight(string(files), "\x00"), "\x00") {
			Expect(os.MkdirAll(filepath.Join(copied, filepath.Dir(file)), 0o755)).To(Succeed())
			run(built.root, "cp", "-p", file, filepath.Join(copied, file))
		}
		return copied
	}
	// pack makes an archive of a directory go in which these programs are.
	pack := func(programs map[string]string) string {
		root := filepath.Join(t.TempDir(), "go")
		for name, content := range programs {
			Expect(os.MkdirAll(filepath.Join(root, "bin"), 0o755)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(root, "bin", name), []byte(content), 0o700)).To(Succeed())
		}
		run(filepath.Dir(root), "tar", "-czf", "go.tar.gz", "go")
		return root + ".tar.gz"
	}
	// packInstalled makes the archive of the Go that runs this test that the Go project
	// would publish, as far as a build needs it.
	packInstalled := func() string {
		root, err := exec.Command("go", "env", "GOROOT").Output()
		Expect(err).NotTo(HaveOccurred())
		archive := filepath.Join(t.TempDir(), "go.tar.gz")
		run(strings.TrimSpace(string(root)), "tar", "--use-compress-program=gzip -1", "--dereference", "--transform=s,^,go/,",
			"--exclude=testdata", "--exclude=*_test.go", "-cf", archive, "VERSION", "bin", "go.env", "lib", "pkg", "src")
		return archive
	}
	// pinning is a clone whose manifest.yml has the checksum of a file for Go, and this
	// as the place to fetch it from. It returns the checksum, too.
	pinning := func(archive, uri string) (repository, digits string) {
		content, err := os.ReadFile(archive)
		Expect(err).NotTo(HaveOccurred())
		digits = fmt.Sprintf("%x", sha256.Sum256(content))
		repository = clone()
		path := filepath.Join(repository, "manifest.yml")
		manifest, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		toolchain := regexp.MustCompile(`(?m)^toolchain:\n(  .*\n)+`)
		Expect(toolchain.FindAll(manifest, -1)).To(HaveLen(1))
		pinned := fmt.Sprintf("toolchain:\n  version: 1.2.3\n  uri: %s\n  sha256: %s\n", uri, digits)
		Expect(os.WriteFile(path, toolchain.ReplaceAllLiteral(manifest, []byte(pinned)), 0o600)).To(Succeed())
		return repository, digits
	}
	// install runs the script that installs Go for a build.
	install := func(repository string, environ ...string) (output string, err error) {
		command := exec.Command(filepath.Join(repository, "scripts", "install-go.sh"), t.TempDir())
		command.Env = append(os.Environ(), environ...)
		content, err := command.CombinedOutput()
		return string(content), err
	}
	// fileURL is that of a file of this machine.
	fileURL := func(elements ...string) string {
		return (&url.URL{Scheme: "file", Path: filepath.Join(elements...)}).String()
	}
	// nowhere is the URI of a file that nothing has. No server is asked for it.
	const nowhere = "https://127.0.0.1:1/dl/go1.2.3.tar.gz"
	expectStaged := func(name string) {
		t.Helper()
		staged := stage(t, directory, "-b", name)
		Expect(staged.Sidecars).To(HaveLen(1))
		Expect(staged.log).To(ContainSubstring("Building the supply of Sidecar Buildpack from source"))
		Expect(staged.files(t)).To(ContainElement("./deps/0/bin/config-server"))
		Expect(staged.Lifecycle.Buildpacks[0].Key).To(Equal(name))
		Expect(staged.Lifecycle.Buildpacks[0].Name).To(Equal(built.id))
	}

	it("stages from a directory", func() {
		expectStaged(built.root)
	})

	it("stages files that the catalog of a fork names, from where they are in the repository", func() {
		repository := clone()
		catalog, err := os.ReadFile(filepath.Join(repository, "buildpack.toml"))
		Expect(err).NotTo(HaveOccurred())
		const vend = "\n[[metadata.sidecars]]\nname = \"vend\"\ncommand = \"sleep 1000\"\ndefault = true\nfiles = {\"a.yaml\" = {template = \"catalog/vend/a.tmpl\"}, \"rules\" = {from = \"catalog/vend/rules\"}}\n"
		Expect(os.WriteFile(filepath.Join(repository, "buildpack.toml"), append(catalog, vend...), 0o600)).To(Succeed())
		Expect(os.MkdirAll(filepath.Join(repository, "catalog", "vend"), 0o755)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(repository, "catalog", "vend", "a.tmpl"), []byte("app: {{ .App.Name | json }}\n"), 0o600)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(repository, "catalog", "vend", "rules"), []byte("allow\n"), 0o600)).To(Succeed())
		staged := stage(t, directory, "-b", repository)
		Expect(staged.files(t)).To(ContainElements("./deps/0/files/catalog/vend/a.tmpl", "./deps/0/files/catalog/vend/rules", "./deps/0/bin/sidecar-render"))
	})

	it("stages from a zip", func() {
		zip := filepath.Join(t.TempDir(), "sidecar-buildpack.zip")
		repository := clone()
		run(repository, "git", "init", "-q")
		run(repository, "git", "add", "-A")
		run(repository, "git", "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "all")
		run(repository, "git", "archive", "--format=zip", "-o", zip, "HEAD")
		expectStaged(zip)
	})

	it("stages from a git URL with a branch", func() {
		repository := clone()
		run(repository, "git", "init", "-q", "-b", "release")
		run(repository, "git", "add", "-A")
		run(repository, "git", "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "all")
		expectStaged(fmt.Sprintf("file://%s#release", repository))
	})

	it("pins a Go of the Go project's own download page", func() {
		content, err := os.ReadFile(filepath.Join(built.root, "manifest.yml"))
		Expect(err).NotTo(HaveOccurred())
		pinned := regexp.MustCompile(`(?m)^toolchain:\n  version: (\S+)\n  uri: (\S+)\n  sha256: [0-9a-f]{64}$`).FindStringSubmatch(string(content))
		Expect(pinned).To(HaveLen(3))
		Expect(pinned[2]).To(Equal("https://go.dev/dl/go" + pinned[1] + ".linux-amd64.tar.gz"))
	})

	it("installs the Go that manifest.yml pins if the container has none, once", func() {
		archive := packInstalled()
		buildpack, digits := pinning(archive, nowhere)
		services := fmt.Sprintf(`VCAP_SERVICES={"user-provided":[{"name":"m","credentials":{"type":"dependency-mapping","%s":"%s"}}]}`, digits, fileURL(archive))

		droplet := filepath.Join(t.TempDir(), "droplet")
		path := pathWithout(t, "go")
		for _, from := range []string{fileURL(archive), "the cache"} {
			s := startSidecar(t, directory, []string{"PATH=" + path, services}, "stage", "-o", droplet, "-b", buildpack, "--lifecycle", built.lifecycle)
			NewWithT(t).Eventually(s.Session, "10m").Should(gexec.Exit(0), func() string { return s.log() + string(s.Err.Contents()) })
			Expect(s.log()).To(ContainSubstring("Installing Go 1.2.3 from " + from + "\n"))
			Expect(s.log()).To(MatchRegexp(`Installed Go 1\.2\.3 in \d+ s\n`))
			Expect(s.log()).To(MatchRegexp(`Built in \d+ s\n`))
			s.expectNothingLeft()
			services = "VCAP_SERVICES={}"
		}
	})

	context("where the Go project's page cannot be reached", func() {
		var repository, digits, archive, mirrored string

		it.Before(func() {
			archive = pack(map[string]string{"go": "the program"})
			repository, digits = pinning(archive, nowhere)
			mirrored = t.TempDir()
			for _, path := range []string{"127.0.0.1:1/dl", "flat"} {
				Expect(os.MkdirAll(filepath.Join(mirrored, path), 0o755)).To(Succeed())
				run(mirrored, "cp", archive, filepath.Join(path, "go1.2.3.tar.gz"))
			}
		})
		file := func(content string) string {
			path := filepath.Join(t.TempDir(), digits)
			Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed())
			return path
		}
		// from is how a place is named, and what makes it known.
		type from struct {
			name    string
			environ func() string
			uri     func() string
		}
		archived := func() string { return fileURL(archive) }
		services := func() string {
			return fmt.Sprintf(`{"user-provided": [{"credentials": {"type": "dependency-mapping", "%s": "%s?a=b\u0026c"}}]}`,
				digits, strings.ReplaceAll(fileURL(archive), "/", `\/`))
		}
		for _, one := range []from{
			{"a mapping in VCAP_SERVICES", func() string { return "VCAP_SERVICES=" + services() }, archived},
			{"a mapping in the file that VCAP_SERVICES_FILE_PATH names", func() string { return "VCAP_SERVICES_FILE_PATH=" + file(services()) }, archived},
			{"a mapping below SERVICE_BINDING_ROOT", func() string {
				return "SERVICE_BINDING_ROOT=" + filepath.Dir(filepath.Dir(file(archived()+"\n")))
			}, archived},
			{"a mirror", func() string { return "BP_DEPENDENCY_MIRROR=" + fileURL(mirrored) + "/{originalHost}" }, func() string {
				return fileURL(mirrored, "127.0.0.1:1/dl/go1.2.3.tar.gz")
			}},
			{"a mirror for the host alone, with a path to skip", func() string {
				return "BP_DEPENDENCY_MIRROR_GO_DEV=mirror=" + fileURL(mirrored, "flat") + ",skip-path=/dl"
			}, func() string { return fileURL(mirrored, "flat/go1.2.3.tar.gz") }},
		} {
			it("takes Go from "+one.name, func() {
				output, err := install(repository, one.environ())
				Expect(err).NotTo(HaveOccurred(), output)
				Expect(output).To(ContainSubstring("-----> Installing Go 1.2.3 from " + one.uri() + "\n"))
				lines := strings.Split(strings.TrimSpace(output), "\n")
				Expect(lines[len(lines)-1]).To(HaveSuffix("/go/bin/go"))
				Expect(os.ReadFile(lines[len(lines)-1])).To(BeEquivalentTo("the program"))
			})
		}

		it("CF-43: trusts the operator's authorities in CF_SYSTEM_CERT_PATH", func() {
			server := httptest.NewTLSServer(http.FileServer(http.Dir(filepath.Dir(archive))))
			defer server.Close()
			repository, _ := pinning(archive, server.URL+"/"+filepath.Base(archive))
			certificates := filepath.Join(t.TempDir(), "with a blank")
			Expect(os.Mkdir(certificates, 0o755)).To(Succeed())
			output, err := install(repository, "CF_SYSTEM_CERT_PATH="+certificates)
			Expect(err).To(HaveOccurred())
			Expect(output).To(ContainSubstring("certificate"))

			certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
			Expect(os.WriteFile(filepath.Join(certificates, "operator.crt"), certificate, 0o600)).To(Succeed())
			output, err = install(repository, "CF_SYSTEM_CERT_PATH="+certificates)
			Expect(err).NotTo(HaveOccurred(), output)
		})

		it("says nothing of a user, a password or a query", func() {
			output, err := install(repository, fmt.Sprintf(`VCAP_SERVICES={"%s":"unknown://user:pass@127.0.0.1/go.tar.gz?token=secret"}`, digits))
			Expect(err).To(HaveOccurred())
			Expect(output).To(ContainSubstring("Installing Go 1.2.3 from unknown://127.0.0.1/go.tar.gz\n"))
			Expect(output).NotTo(Or(ContainSubstring("user"), ContainSubstring("pass"), ContainSubstring("secret")))
		})

		it("refuses a mirror that is neither https nor a file", func() {
			output, err := install(repository, "BP_DEPENDENCY_MIRROR=http://127.0.0.1:1")
			Expect(err).To(HaveOccurred())
			Expect(output).To(ContainSubstring("expected an https or file URL"))
		})
	})

	context("failure cases", func() {
		it("says what is missing on a machine without Go", func() {
			output := filepath.Join(t.TempDir(), "droplet")
			s := startSidecar(t, directory, []string{"PATH=" + pathWithout(t, "go", "curl")}, "stage", "-o", output, "-b", built.root, "-b", buildpack("plain"), "--lifecycle", built.lifecycle)
			s.await()
			Expect(s.ExitCode()).To(Equal(225))
			Expect(s.log()).To(ContainSubstring("Sidecar Buildpack runs from source and needs Go, which is not on PATH."))
			Expect(s.log()).To(ContainSubstring("Go cannot be installed without curl."))
		})

		it("does not use a Go with the wrong checksum", func() {
			meant, other := pack(map[string]string{"go": "meant"}), pack(map[string]string{"go": "other"})
			repository, _ := pinning(meant, fileURL(other))
			s := startSidecar(t, directory, []string{"PATH=" + pathWithout(t, "go")}, "stage", "-o", filepath.Join(t.TempDir(), "droplet"),
				"-b", repository, "-b", buildpack("plain"), "--lifecycle", built.lifecycle)
			s.await()
			Expect(s.ExitCode()).To(Equal(225))
			content, err := os.ReadFile(other)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.log()).To(ContainSubstring(fmt.Sprintf("Go is not installed: found a file with the SHA-256 %x; expected ", sha256.Sum256(content))))
			s.expectNothingLeft()
		})
	})
}
