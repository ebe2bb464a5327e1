package render_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
)

// forms are the three in which the platform hands bindings over (CF-41).
var forms = []bindings.Form{bindings.InEnvironment, bindings.InFile, bindings.InDirectory}

// A place is the directory of a buildpack in a droplet, next to that of the app, as the
// program finds them when a sidecar starts.
type place struct {
	t       *testing.T
	root    string
	environ []string // of the sidecar's process
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, root: t.TempDir()}
	for _, directory := range []string{"app", "deps/0/bin", "deps/0/run"} {
		NewWithT(t).Expect(os.MkdirAll(p.path(directory), 0o755)).To(Succeed())
	}
	p.environ = []string{"HOME=" + p.path("app"), "SIDECAR_FILES=" + p.files(""), "CF_INSTANCE_INDEX=2", "VCAP_APPLICATION=" + application}
	return p
}

// application is what Cloud Controller and launcher say of an app.
const application = `{"cf_api": "https://api.example.com", "limits": {"fds": 16384, "mem": 64, "disk": 1024}, "application_name": "shop", "application_uris": ["shop.example.com", "www.example.com"],
	"name": "shop", "space_name": "dev", "space_id": "space-id", "organization_id": "org-id", "organization_name": "acme", "uris": ["shop.example.com"], "users": null,
	"process_id": "process-id", "process_type": "web", "application_id": "app-id", "version": "v", "application_version": "app-version",
	"host": "0.0.0.0", "port": 8080, "instance_id": "instance-id", "instance_index": 2}`

func (p *place) path(name string) string { return filepath.Join(p.root, name) }

// files is the path of a file that is written, or of their directory.
func (p *place) files(name string) string { return p.path("deps/0/run/files/1/" + name) }

// write puts a file into the place.
func (p *place) write(name, content string) {
	p.t.Helper()
	Expect := NewWithT(p.t).Expect
	Expect(os.MkdirAll(filepath.Dir(p.path(name)), 0o755)).To(Succeed())
	Expect(os.WriteFile(p.path(name), []byte(content), 0o600)).To(Succeed())
}

// read is a file that was written.
func (p *place) read(name string) string {
	p.t.Helper()
	content, err := os.ReadFile(p.files(name))
	NewWithT(p.t).Expect(err).NotTo(HaveOccurred())
	return string(content)
}

// bind hands services on in a form, the JSON of VCAP_SERVICES.
func (p *place) bind(form bindings.Form, services string) {
	p.t.Helper()
	Expect := NewWithT(p.t).Expect
	switch form {
	case bindings.InFile:
		content, err := bindings.File([]byte(services))
		Expect(err).NotTo(HaveOccurred())
		p.write("bound/vcap_services", string(content))
		p.environ = append(p.environ, bindings.FileVariable+"="+p.path("bound/vcap_services"))
	case bindings.InDirectory:
		files, err := bindings.Directory([]byte(services))
		Expect(err).NotTo(HaveOccurred())
		Expect(os.RemoveAll(p.path("bound"))).To(Succeed())
		for name, content := range files {
			p.write("bound/"+name, string(content))
		}
		p.environ = append(p.environ, bindings.DirectoryVariable+"="+p.path("bound"))
	default:
		p.environ = append(p.environ, bindings.ServicesVariable+"="+services)
	}
}

// A result is what the program has done.
type result struct {
	status         int
	stdout, stderr string
}

// run calls the program for the sidecar "agent" with a spec.
func (p *place) run(subcommand string, spec render.Spec) result {
	p.t.Helper()
	spec.Name = "agent"
	NewWithT(p.t).Expect(render.Write(p.path("deps/0"), render.Document{Sidecars: []render.Spec{{Name: "other"}, spec}})).To(Succeed())
	return p.call(subcommand, "agent")
}

func (p *place) call(arguments ...string) result {
	var stdout, stderr bytes.Buffer
	status := render.Main(append([]string{p.path("deps/0/bin/sidecar-render")}, arguments...), p.environ, &stdout, &stderr)
	return result{status, stdout.String(), stderr.String()}
}

// start is run, which has to succeed; it returns the variables.
func (p *place) start(spec render.Spec) []string {
	p.t.Helper()
	r := p.run("start", spec)
	NewWithT(p.t).Expect(r).To(Equal(result{stdout: r.stdout}))
	if r.stdout == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(r.stdout, "\x00"), "\x00")
}

// render is what a template becomes.
func (p *place) render(template string) string {
	p.t.Helper()
	p.start(render.Spec{Binding: &bindings.Selector{Any: "apm"}, Memory: 128, Files: []render.File{inline("file", template)}})
	return p.read("file")
}

// refuse is the error of a template, in one line without what the program says of itself.
func (p *place) refuse(template string) string {
	p.t.Helper()
	r := p.run("start", render.Spec{Binding: &bindings.Selector{Any: "apm"}, Files: []render.File{inline("file", template)}})
	Expect := NewWithT(p.t).Expect
	Expect(r.status).To(Equal(1))
	Expect(r.stdout).To(BeEmpty())
	Expect(strings.Count(r.stderr, "\n")).To(Equal(1), r.stderr)
	message, ok := strings.CutPrefix(strings.TrimSuffix(r.stderr, "\n"), "[sidecar-render] agent: ")
	Expect(ok).To(BeTrue(), r.stderr)
	return message
}

func inline(path, template string) render.File {
	return render.File{Path: path, Template: &template, At: "sidecars.yml:4"}
}
