package integration_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testBindings(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		directory  string
		notes      string
		agent      string // the file that a service maps the sidecar's checksum to
		services   string
	)

	// note writes what a process was given to a file, which appears when it is complete.
	const note = `note="$NOTES/$(basename "$0")"
env | grep -E '^(VCAP_SERVICES|SERVICE_BINDING|CF_|VCAP_APPLICATION)' > "$note.new"
cp "$CF_INSTANCE_CERT" "$note.crt"
mkdir "$note.files"
cp -rL "${VCAP_SERVICES_FILE_PATH:-${SERVICE_BINDING_ROOT:-/dev/null}}" "$note.files" 2> /dev/null
cp "$CF_SYSTEM_CERT_PATH"/*.crt "$note.files"
mv "$note.new" "$note"
exec sleep 1000
`
	it.Before(func() {
		notes = t.TempDir()
		content := "#!/bin/sh\n" + note
		agent = filepath.Join(t.TempDir(), "agent")
		Expect(os.WriteFile(agent, []byte(content), 0o755)).To(Succeed())
		digits := fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
		services = fmt.Sprintf(`{"user-provided":[{"name":"m","label":"user-provided","tags":[],"credentials":{"type":"dependency-mapping","%s":"file://%s"}}]}`, digits, agent)
		directory = app(t, map[string]string{
			"Procfile": "web: bash -c '. ./note.sh' app",
			"note.sh":  note,
			// Nothing listens there: it arrives by the mapping or not at all.
			"sidecars.yml": "- {name: agent, artifact: {uri: 'http://127.0.0.1:9/agent', sha256: " + digits + "}, command: 'bash \"$DEPS_DIR/0/bin/agent\"'}\n",
		})
	})

	// push runs the app with a feature until both of its processes have written their notes.
	push := func(features string) map[string]map[string]string {
		t.Helper()
		manifest := fmt.Sprintf("applications:\n- name: bound\n  health-check-type: process\n  buildpacks: [sidecar_buildpack]\n  env: {NOTES: %q}\n%s", notes, features)
		Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(manifest), 0o644)).To(Succeed())
		s := startSidecar(t, directory, []string{"VCAP_SERVICES=" + services}, "push", "--lifecycle", built.lifecycle)
		told := map[string]map[string]string{}
		for _, name := range []string{"app", "agent"} {
			path := filepath.Join(notes, name)
			Eventually(path).Should(BeAnExistingFile(), func() string { return s.log() + string(s.Err.Contents()) })
			content, err := os.ReadFile(path)
			Expect(err).NotTo(HaveOccurred())
			told[path] = map[string]string{}
			for line := range strings.SplitSeq(string(content), "\n") {
				name, value, _ := strings.Cut(line, "=")
				told[path][name] = value
			}
		}
		s.stop()
		return told
	}

	context("CF-41: the feature", func() {
		it("file-based-vcap-services hands services on in a file, at staging and running", func() {
			for path, environ := range push("  features: {file-based-vcap-services: true}\n") {
				Expect(environ).NotTo(HaveKey("VCAP_SERVICES"))
				Expect(environ["VCAP_SERVICES_FILE_PATH"]).To(HaveSuffix("/cf-service-bindings/vcap_services"))
				Expect(os.ReadFile(path + ".files/vcap_services")).To(MatchJSON(services))
			}
		})

		it("service-binding-k8s hands services on in a directory, at staging and running", func() {
			for path, environ := range push("  features: {service-binding-k8s: true}\n") {
				Expect(environ).NotTo(HaveKey("VCAP_SERVICES"))
				Expect(environ["SERVICE_BINDING_ROOT"]).To(HaveSuffix("/cf-service-bindings"))
				Expect(os.ReadFile(path + ".files/cf-service-bindings/m/type")).To(BeEquivalentTo("user-provided"))
			}
		})
	})

	it("CF-43: an app and its sidecars have the instance's identity", func() {
		for path, environ := range push("") {
			Expect(environ["VCAP_SERVICES"]).To(MatchJSON(services))
			content, err := os.ReadFile(path + ".crt")
			Expect(err).NotTo(HaveOccurred())
			block, rest := pem.Decode(content)
			certificate, err := x509.ParseCertificate(block.Bytes)
			Expect(err).NotTo(HaveOccurred())
			pool := x509.NewCertPool()
			authority, err := os.ReadFile(path + ".files/instance-identity-ca.crt")
			Expect(err).NotTo(HaveOccurred())
			Expect(pool.AppendCertsFromPEM(authority)).To(BeTrue())
			Expect(string(rest)).To(Equal(string(authority)))
			_, err = certificate.Verify(x509.VerifyOptions{Roots: pool, DNSName: environ["CF_INSTANCE_GUID"], KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
			Expect(err).NotTo(HaveOccurred())
			var application map[string]any
			Expect(json.Unmarshal([]byte(environ["VCAP_APPLICATION"]), &application)).To(Succeed())
			Expect(certificate.Subject.CommonName).To(Equal(environ["CF_INSTANCE_GUID"]))
			Expect(certificate.Subject.OrganizationalUnit).To(ContainElement("app:" + fmt.Sprint(application["application_id"])))
			Expect(environ["CF_INSTANCE_KEY"]).NotTo(BeAnExistingFile()) // it is gone with the instance
		}
	})

	context("failure cases", func() {
		it("refuses, before it stages, a binding that no directory can hold", func() {
			services = `{"postgres": [{"name": "my_db", "credentials": {"password": "s3cret"}}]}`
			Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte("applications:\n- {name: bound, buildpacks: [sidecar_buildpack], features: {service-binding-k8s: true}}\n"), 0o644)).To(Succeed())
			s := startSidecar(t, directory, []string{"VCAP_SERVICES=" + services}, "push", "--lifecycle", built.lifecycle)
			s.await()
			Expect(s.ExitCode()).NotTo(BeZero())
			said := s.log() + string(s.Err.Contents())
			Expect(said).To(ContainSubstring(`Cannot build service binding files for staging task - Invalid binding name: 'my_db'. Name must match /^[a-z0-9\-.]{1,253}$/`))
			Expect(said).NotTo(Or(ContainSubstring("s3cret"), ContainSubstring(built.title+" version")))
			s.expectNothingLeft()
		})
	})
}
