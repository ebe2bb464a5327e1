package render_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

// testBroken starts a sidecar with bindings that are broken in each way that is known. There is
// one line that names the variable or the file, and nothing of what they hold.
func testBroken(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *place
		asked  = render.Spec{Binding: &bindings.Selector{Any: "apm"}, Env: []render.Variable{{Name: "KEY", Binding: "key"}}}
	)
	const failed = "[sidecar-render] agent: env: KEY: "

	it.Before(func() { p = newPlace(t) })

	start := func() string {
		t.Helper()
		r := p.run("start", asked)
		Expect(r.status).To(Equal(1))
		Expect(r.stdout).To(BeEmpty())
		Expect(strings.Count(r.stderr, "\n")).To(Equal(1), r.stderr)
		Expect(r.stderr).NotTo(ContainSubstring("s3cret"))
		message, ok := strings.CutPrefix(strings.TrimSuffix(r.stderr, "\n"), failed)
		Expect(ok).To(BeTrue(), r.stderr)
		return message
	}

	// These are wrong in the environment and in a file alike.
	for _, broken := range []struct{ what, services, expected string }{
		{"text that is not JSON", `s3cret`, "it is not JSON: syntax error at byte 1 of 6"},
		{"JSON that is cut off", `{"a": [{"name": "apm", "credentials": {"key": "s3cr`, "it is not JSON: it ends too early, after 51 bytes"},
		{"white space alone", " \n", "it is not JSON: it ends too early, after 2 bytes"},
		{"two documents", `{} {"s3cret": []}`, "it is not JSON: more follows the value that ends at byte 2 of 17"},
		{"YAML", `a: [{name: apm}]`, "it is not JSON: syntax error at byte 1 of 16"},
		{"single quotes", `{'s3cret': []}`, "it is not JSON: syntax error at byte 2 of 14"},
		{"a comma too many", `{"a": [{"name": "apm"},]}`, "it is not JSON: syntax error at byte 24 of 25"},
		{"a line feed in text", "{\"a\": [{\"name\": \"apm\", \"credentials\": {\"key\": \"s3\ncret\"}}]}", "it is not JSON: syntax error at byte 50 of 59"},
		{"null", `null`, "the JSON: found null; expected an object"},
		{"a list", `[{"name": "apm"}]`, "the JSON: found a list; expected an object"},
		{"text in JSON", `"s3cret"`, "the JSON: found text; expected an object"},
		{"a label with text", `{"s3cret": "s3cret"}`, "a label: found text; expected a list of bindings"},
		{"the object of one binding", `{"name": "apm", "credentials": {"key": "s3cret"}}`, "a label: found an object; expected a list of bindings"},
		{"a binding that is text", `{"a": ["s3cret"]}`, "a binding: found text; expected an object"},
		{"a binding that is null", `{"a": [null]}`, "a binding: found null; expected an object"},
		{"a name that is a list", `{"a": [{"name": ["s3cret"]}]}`, "a binding's name: found a list; expected text"},
		{"a plan that is a number", `{"a": [{"name": "apm", "plan": 5}]}`, "a binding's plan: found a number; expected text"},
		{"tags that are text", `{"a": [{"name": "apm", "tags": "s3cret"}]}`, "a binding's tags: found text; expected a list of texts"},
		{"a tag that is an object", `{"a": [{"name": "apm", "tags": [{"s3cret": 1}]}]}`, "a binding's tag: found an object; expected text"},
		{"credentials that are text", `{"a": [{"name": "apm", "credentials": "s3cret"}]}`, "a binding's credentials: found text; expected an object"},
		{"credentials that are a list", `{"a": [{"name": "apm", "credentials": ["s3cret"]}]}`, "a binding's credentials: found a list; expected an object"},
	} {
		it("refuses "+broken.what+", in the environment and in a file", func() {
			p.environ = append(p.environ, "VCAP_SERVICES="+broken.services)
			Expect(start()).To(Equal("failed to read the bound services of VCAP_SERVICES: " + broken.expected))
			p.write("services", broken.services)
			p.environ = append(p.environ, "VCAP_SERVICES=", "VCAP_SERVICES_FILE_PATH="+p.path("services"))
			Expect(start()).To(Equal("failed to read the bound services of VCAP_SERVICES_FILE_PATH: " + p.path("services") + ": " + broken.expected))
		})
	}

	for _, broken := range []struct {
		what     string
		make     func(path string) error
		expected string
	}{
		{"that is missing", func(string) error { return nil }, ": there is no such file"},
		{"that is empty", func(path string) error { return os.WriteFile(path, nil, 0o600) }, ": it is not JSON: it ends too early, after 0 bytes"},
		{"that is a directory", func(path string) error { return os.Mkdir(path, 0o700) }, ": found a directory; expected a regular file of at most 1000000 bytes"},
		{"that is a named pipe", func(path string) error { return syscall.Mkfifo(path, 0o600) }, ": found a named pipe; expected a regular file of at most 1000000 bytes"},
		{"that is a device without an end", func(path string) error { return os.Symlink("/dev/zero", path) }, ": found a device; expected a regular file of at most 1000000 bytes"},
		{"that is over the limit", func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("s3cret", 200_000)), 0o600) }, ": found 1200000 bytes; expected a regular file of at most 1000000 bytes"},
		{"behind a link to itself", func(path string) error { return os.Symlink(path, path) }, ": too many levels of symbolic links"},
	} {
		it("CF-41: refuses a file "+broken.what, func() {
			path := p.path("services")
			Expect(broken.make(path)).To(Succeed())
			p.environ = append(p.environ, "VCAP_SERVICES_FILE_PATH="+path)
			Expect(start()).To(Equal("failed to read the bound services of VCAP_SERVICES_FILE_PATH: " + path + broken.expected))
		})
	}

	it("CF-41: refuses a directory that is none, with a key that is not a file, and one over the limit", func() {
		p.write("bound", "s3cret")
		p.environ = append(p.environ, "SERVICE_BINDING_ROOT="+p.path("bound"))
		Expect(start()).To(HavePrefix("failed to read the bound services of SERVICE_BINDING_ROOT: "))
		Expect(os.Remove(p.path("bound"))).To(Succeed())

		p.write("bound/apm/type", "s3cret")
		Expect(syscall.Mkfifo(p.path("bound/apm/key"), 0o600)).To(Succeed())
		Expect(start()).To(Equal("failed to read the bound services of SERVICE_BINDING_ROOT: " + p.path("bound/apm/key") + ": found a named pipe; expected a regular file of at most 1000000 bytes"))
		Expect(os.Remove(p.path("bound/apm/key"))).To(Succeed())

		for i := range 11 {
			p.write(fmt.Sprintf("bound/apm/key-%d", i), strings.Repeat("s3cret", 16_000))
		}
		Expect(start()).To(Equal("failed to read the bound services of SERVICE_BINDING_ROOT: found more than 1000000 bytes, names included, by the time of " + p.path("bound/apm") + "; expected no more in all"))
	})

	for _, broken := range []struct{ what, services, expected string }{
		{"bindings that are broken", `s3cret`, "failed to read the bound services of VCAP_SERVICES: it is not JSON: syntax error at byte 1 of 6"},
		{"a service that is not bound", `{}`, `found no bound service; expected one with the name, label or tag "apm"`},
		{"two services that match", `{"apm": [{"name": "a"}, {"name": "b"}]}`, `found 2 bound services with the name, label or tag "apm": "a", "b"; expected one: select it by its name`},
		{"a CredHub without an address", `{"apm": [{"name": "a", "credentials": {"credhub-ref": "s3cret"}}]}`, `the credentials of the service "a" are in CredHub, of which no address is known; expected it in CREDHUB_API`},
	} {
		it("reports "+broken.what+" once, however many variables and files need them, and each other problem", func() {
			p.environ = append(p.environ, "VCAP_SERVICES="+broken.services)
			asked.Env = append(asked.Env, render.Variable{Name: "OPTIONAL", Binding: "other", Default: new(string)}, render.Variable{Name: "OTHER", Binding: "other"})
			Expect(start()).To(Equal(broken.expected))

			asked.Env = nil
			asked.Files = []render.File{inline("a", `{{ binding "key" }}`), inline("b", `{{ if true }}{{ text "other" }}{{ end }}`), inline("c", "{{ env `NONE` }}"), inline("d", "{{ env `NONE` }}")}
			none := `found no variable "NONE" in the environment; expected it to be set, or a default`
			Expect(p.run("start", asked).stderr).To(Equal("[sidecar-render] agent: sidecars.yml:4: files: a:1:4: " + broken.expected + "\n[sidecar-render] agent: sidecars.yml:4: files: c:1:4: " + none + "\n[sidecar-render] agent: sidecars.yml:4: files: d:1:4: " + none + "\n"))
		})
	}

	it("reads a directory that is missing as one without bindings, as the platform makes it for the first one", func() {
		p.environ = append(p.environ, "SERVICE_BINDING_ROOT="+p.path("missing"))
		Expect(start()).To(Equal(`found no bound service; expected one with the name, label or tag "apm"`))
	})
}
