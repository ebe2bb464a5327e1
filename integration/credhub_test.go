package integration_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"code.cloudfoundry.org/buildpackapplifecycle"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
)

// testCredHub stages with the platform's builder and starts a sidecar with its launcher, next to a
// CredHub that knows instances by their identity.
func testCredHub(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
		hub       *httptest.Server
		asked     atomic.Int32
		environ   []string // of staging and of the sidecar
	)
	const (
		services = `{"postgres":[{"name":"db","label":"postgres","credentials":{"credhub-ref":"/c/db"}}]}`
		declared = `
- name: agent
  binding: postgres
  env: {PASSWORD: {binding: password}}
  files: {agent.yaml: 'password: {{ binding "password" | json }}'}
  command: echo "[$PASSWORD]"; cat "$SIDECAR_FILES/agent.yaml"
`
	)

	it.Before(func() {
		authority, err := identity.NewAuthority(time.Now())
		Expect(err).NotTo(HaveOccurred())
		issued := map[string]identity.Credentials{}
		for _, guid := range []string{"hub", "instance"} {
			issued[guid], err = authority.Issue(identity.Instance{GUID: guid, IP: net.IPv4(127, 0, 0, 1), App: "app-id"}, time.Now())
			Expect(err).NotTo(HaveOccurred())
		}
		pair, err := tls.X509KeyPair(issued["hub"].Certificate, issued["hub"].Key)
		Expect(err).NotTo(HaveOccurred())
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(authority.PEM())
		asked.Store(0)
		hub = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			body, err := io.ReadAll(r.Body)
			if err != nil || r.URL.Path != "/api/v1/interpolate" || r.TLS.PeerCertificates[0].Subject.CommonName != "instance" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			_, _ = io.WriteString(w, strings.Replace(string(body), `"credhub-ref":"/c/db"`, `"password":"s3cret"`, 1))
		}))
		hub.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
		hub.StartTLS()
		t.Cleanup(hub.Close)

		directory = app(t, map[string]string{
			"app/Procfile": "web: ./start", "app/sidecars.yml": declared, "tmp/x": "", "out/x": "", "root/tmp/x": "",
			"trusted/authority.crt": string(authority.PEM()), "id/instance.crt": string(issued["instance"].Certificate), "id/instance.key": string(issued["instance"].Key),
		})
		environ = []string{
			"PATH=" + os.Getenv("PATH"), "TMPDIR=" + filepath.Join(directory, "tmp"), "MEMORY_LIMIT=1024m", "CF_STACK=cflinuxfs4", "PORT=8080",
			`VCAP_APPLICATION={"application_name":"shop","process_type":"web"}`,
			"CF_INSTANCE_CERT=" + filepath.Join(directory, "id/instance.crt"), "CF_INSTANCE_KEY=" + filepath.Join(directory, "id/instance.key"),
			"CF_SYSTEM_CERT_PATH=" + filepath.Join(directory, "trusted"),
		}
	})

	// bind hands the services on in a form (CF-41).
	bind := func(form bindings.Form) {
		t.Helper()
		files := map[string][]byte{}
		var err error
		switch form {
		case bindings.InFile:
			files["services"], err = bindings.File([]byte(services))
			environ = append(environ, bindings.FileVariable+"="+filepath.Join(directory, "bound/services"))
		case bindings.InDirectory:
			files, err = bindings.Directory([]byte(services))
			environ = append(environ, bindings.DirectoryVariable+"="+filepath.Join(directory, "bound"))
		default:
			environ = append(environ, bindings.ServicesVariable+"="+services)
		}
		Expect(err).NotTo(HaveOccurred())
		for _, name := range slices.Sorted(maps.Keys(files)) {
			path := filepath.Join(directory, "bound", name)
			Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
			Expect(os.WriteFile(path, files[name], 0o600)).To(Succeed())
		}
	}
	// stageIt stages the app where the platform says where its CredHub is, and returns the sidecar's command.
	stageIt := func(options string) string {
		t.Helper()
		config := buildpackapplifecycle.NewLifecycleBuilderConfig([]string{"sidecar_buildpack"}, true, false)
		for flag, name := range map[string]string{
			"buildDir": "app", "buildpacksDir": "buildpacks", "buildpacksDownloadDir": "downloads", "buildArtifactsCacheDir": "cache",
			"outputDroplet": "out/droplet.tgz", "outputMetadata": "out/result.json", "outputBuildArtifactsCache": "out/cache.tgz",
		} {
			Expect(config.Set(flag, filepath.Join(directory, name))).To(Succeed())
		}
		placeOwnBuildpack(t, config.BuildpackPath("sidecar_buildpack"))
		builder := exec.Command(filepath.Join(built.lifecycle, "builder"), config.Args()...)
		builder.Env = append(slices.Clone(environ), "VCAP_PLATFORM_OPTIONS="+options)
		output, err := builder.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		Expect(string(output)).NotTo(ContainSubstring("s3cret"))
		var result struct {
			Sidecars []struct {
				Name    string `json:"name"`
				Command string `json:"command"`
			} `json:"sidecars"`
		}
		content, err := os.ReadFile(filepath.Join(directory, "out/result.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(json.Unmarshal(content, &result)).To(Succeed())
		Expect(result.Sidecars).To(HaveLen(1), string(output))
		unpacked, err := exec.Command("tar", "xzf", filepath.Join(directory, "out/droplet.tgz"), "-C", filepath.Join(directory, "root")).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(unpacked))
		return result.Sidecars[0].Command
	}
	// start is what the sidecar writes, and whether it has succeeded.
	start := func(command, options string) (string, error) {
		t.Helper()
		launcher := exec.Command(filepath.Join(built.lifecycle, "launcher"), "app", command, "")
		launcher.Dir = filepath.Join(directory, "root")
		launcher.Env = append(slices.Clone(environ), "VCAP_PLATFORM_OPTIONS="+options)
		output, err := launcher.CombinedOutput()
		return string(output), err
	}

	for _, form := range []bindings.Form{bindings.InEnvironment, bindings.InFile, bindings.InDirectory} {
		it("CF-42, CF-53: gives a sidecar the credentials that a reference leads to, and no droplet has them: "+string(form), func() {
			bind(form)
			options := fmt.Sprintf(`{"credhub-uri": %q}`, hub.URL)
			command := stageIt(options)
			output, err := start(command, options)
			Expect(err).NotTo(HaveOccurred(), output)
			Expect(output).To(HaveSuffix("[s3cret]\npassword: \"s3cret\""))
			Expect(asked.Load()).To(BeNumerically(">", 0))
			Expect(exec.Command("grep", "-r", "s3cret", filepath.Join(directory, "root/deps/0/launch.yml"), filepath.Join(directory, "out")).Run()).NotTo(Succeed())
		})
	}

	it("finds CredHub by CREDHUB_API where the platform does not say where it is", func() {
		bind(bindings.InFile)
		environ = append(environ, "CREDHUB_API="+hub.URL)
		output, err := start(stageIt(""), "")
		Expect(err).NotTo(HaveOccurred(), output)
		Expect(output).To(HaveSuffix("[s3cret]\npassword: \"s3cret\""))
	})

	context("failure cases, each in a line", func() {
		it("CF-53: leaves references alone where CREDHUB_SKIP_INTERPOLATION says so", func() {
			bind(bindings.InDirectory)
			environ = append(environ, "CREDHUB_API="+hub.URL, "CREDHUB_SKIP_INTERPOLATION=true")
			output, err := start(stageIt(""), "")
			Expect(err).To(HaveOccurred())
			Expect(output).To(ContainSubstring(`[sidecar-render] agent: env: PASSWORD: found no key "password" in the credentials of the service "db"; expected one, or a default: ` +
				"they are in CredHub, and CREDHUB_SKIP_INTERPOLATION leaves them there\n"))
			Expect(asked.Load()).To(BeZero())
		})

		it("says that no address of CredHub is known, or that it refuses", func() {
			bind(bindings.InFile)
			command := stageIt("")
			output, err := start(command, "")
			Expect(err).To(HaveOccurred())
			Expect(output).To(ContainSubstring(`[sidecar-render] agent: env: PASSWORD: the credentials of the service "db" are in CredHub, of which no address is known; expected it in CREDHUB_API` + "\n"))
			environ = append(environ, "CREDHUB_API="+hub.URL, "CF_INSTANCE_CERT=")
			output, _ = start(command, "")
			Expect(output).To(ContainSubstring("and the instance has no identity to read them with; expected CF_INSTANCE_CERT and CF_INSTANCE_KEY to be set\n"))
		})
	})
}
