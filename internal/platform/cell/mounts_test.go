package cell

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testMounts(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *Cell
		app    push.Application
		warned []string
	)
	const services = `{"postgres": [{"name": "db", "label": "postgres", "plan": "small", "tags": ["sql"], "credentials": {"type": "mine", "credhub-ref": "/c/db"}}]}`

	it.Before(func() {
		p, app, warned = newCell(t), push.NewApplication("app"), nil
		p.Environ = append(p.Environ, "VCAP_SERVICES="+services)
	})
	mount := func(guid string) *Mounts {
		t.Helper()
		m, err := p.Mount(app, guid, PurposeApp, func(format string, args ...any) { warned = append(warned, fmt.Sprintf(format, args...)) })
		Expect(err).NotTo(HaveOccurred())
		t.Cleanup(func() { Expect(m.Close()).To(Succeed()) })
		return m
	}
	// staging and running are the environments of a container with these mounts.
	staging := func(m *Mounts) map[string]string { return environ(t, p.StagingEnvironment(app, "/tmp", "guid", m)) }
	running := func(m *Mounts) map[string]string {
		return environ(t, p.RunningEnvironment(ProcessEnv{App: app, ProcessType: launch.WebProcess, GUID: "guid", Mounts: m}))
	}
	// client trusts and presents what an environment names.
	client := func(environ map[string]string) *tls.Config {
		t.Helper()
		pair, err := tls.LoadX509KeyPair(environ["CF_INSTANCE_CERT"], environ["CF_INSTANCE_KEY"])
		Expect(err).NotTo(HaveOccurred())
		pool := x509.NewCertPool()
		files, err := filepath.Glob(filepath.Join(environ["CF_SYSTEM_CERT_PATH"], "*.crt"))
		Expect(err).NotTo(HaveOccurred())
		for _, file := range files {
			content, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			pool.AppendCertsFromPEM(content)
		}
		return &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: pool, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
	}
	// server asks each client for a certificate, and answers with a function.
	server := func(config *tls.Config, answer http.HandlerFunc) *httptest.Server {
		s := httptest.NewUnstartedServer(answer)
		s.TLS = config
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	// others lists the files that others than this user may read, or that are not below the platform's own directory.
	others := func(m *Mounts) []string {
		Expect(filepath.Dir(m.Host)).To(Equal(p.TempDir))
		info, err := os.Stat(m.Host)
		Expect(err).NotTo(HaveOccurred())
		if info.Mode().Perm()&0o077 == 0 {
			return nil
		}
		return platformtest.Tree(t, m.Host)
	}

	context("CF-43: the identity", func() {
		it("has the guids of VCAP_APPLICATION, and the container's guid and address", func() {
			m := mount("the-guid")
			for _, environ := range []map[string]string{staging(m), running(m)} {
				leaf, err := x509.ParseCertificate(client(environ).Certificates[0].Certificate[0])
				Expect(err).NotTo(HaveOccurred())
				var application map[string]any
				Expect(json.Unmarshal([]byte(environ["VCAP_APPLICATION"]), &application)).To(Succeed())
				Expect(leaf.Subject.CommonName).To(Equal("the-guid"))
				Expect(leaf.Subject.OrganizationalUnit).To(ConsistOf(
					fmt.Sprint("app:", application["application_id"]), fmt.Sprint("space:", application["space_id"]), fmt.Sprint("organization:", application["organization_id"])))
				Expect(leaf.DNSNames).To(Equal([]string{"the-guid"}))
				Expect(leaf.IPAddresses[0].String()).To(Equal(running(m)["CF_INSTANCE_INTERNAL_IP"]))
			}
		})

		it("is one that instances know each other by", func() {
			one, two := client(running(mount("one"))), client(running(mount("two")))
			s := server(one, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
			})
			transport := &http.Transport{TLSClientConfig: two}
			defer transport.CloseIdleConnections()
			response, err := (&http.Client{Transport: transport}).Get(s.URL)
			Expect(err).NotTo(HaveOccurred())
			defer response.Body.Close()
			Expect(io.ReadAll(response.Body)).To(BeEquivalentTo("two"))
		})

		it("is nowhere once the container is gone, and the authority's key never is", func() {
			m, err := p.Mount(app, "guid", PurposeApp, nil)
			Expect(err).NotTo(HaveOccurred())
			Expect(others(m)).To(BeEmpty())
			keys := 0
			for _, name := range platformtest.Tree(t, m.Host) {
				_, name, _ = strings.Cut(name, " ")
				content, err := os.ReadFile(filepath.Join(m.Host, name))
				if err == nil && strings.Contains(string(content), "PRIVATE KEY-----") {
					keys++
				}
			}
			Expect(keys).To(Equal(1)) // the instance's
			Expect(m.Close()).To(Succeed())
			Expect(os.ReadDir(p.TempDir)).To(BeEmpty())
		})
	})

	context("CF-43: the authorities", func() {
		authority := func(name string) string {
			return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte(name)}))
		}
		trusted := func() map[string]string {
			directory := running(mount("guid"))["CF_SYSTEM_CERT_PATH"]
			entries, err := os.ReadDir(directory)
			Expect(err).NotTo(HaveOccurred())
			found := map[string]string{}
			for _, entry := range entries {
				content, err := os.ReadFile(filepath.Join(directory, entry.Name()))
				Expect(err).NotTo(HaveOccurred())
				found[entry.Name()] = string(content)
			}
			Expect(found).To(HaveKey("instance-identity-ca.crt"))
			delete(found, "instance-identity-ca.crt")
			return found
		}

		it("are the platform's own, the operator's and the app's", func() {
			operator, mine := t.TempDir(), t.TempDir()
			platformtest.WriteFile(t, operator+"/corp.crt", authority("operator"), 0o644)
			platformtest.WriteFile(t, mine+"/corp.crt", authority("app"), 0o644)
			platformtest.WriteFile(t, mine+"/team.crt", authority("team"), 0o644)
			platformtest.WriteFile(t, mine+"/team.key", "key", 0o600)
			p.Environ = append(p.Environ, "CF_SYSTEM_CERT_PATH="+operator)
			app.Environment["CF_SYSTEM_CERT_PATH"] = mine
			Expect(trusted()).To(Equal(map[string]string{"corp.crt": authority("operator"), "corp-2.crt": authority("app"), "team.crt": authority("team")}))
			Expect(warned).To(BeEmpty())
		})

		it("are told of where they cannot be read, and do not keep the app from running", func() {
			mine := t.TempDir()
			platformtest.WriteFile(t, mine+"/corp.crt", authority("app"), 0o644)
			Expect(syscall.Mkfifo(mine+"/pipe.crt", 0o600)).To(Succeed())
			p.Environ = append(p.Environ, "CF_SYSTEM_CERT_PATH="+mine+"/missing")
			app.Environment["CF_SYSTEM_CERT_PATH"] = mine
			Expect(trusted()).To(HaveKey("corp.crt"))
			Expect(warned).To(Equal([]string{
				"The certificates of CF_SYSTEM_CERT_PATH cannot be listed, and are not trusted: " + mine + "/missing: there is no such file",
				"A certificate of CF_SYSTEM_CERT_PATH is not trusted: " + mine + "/pipe.crt: found a named pipe; expected a regular file of at most 4 MB",
			}))
		})
	})

	context("CF-41: the bound services", func() {
		told := func(environ map[string]string) map[string]string {
			found := map[string]string{}
			for _, name := range []string{"VCAP_SERVICES", "VCAP_SERVICES_FILE_PATH", "SERVICE_BINDING_ROOT"} {
				if value, ok := environ[name]; ok {
					found[name] = value
				}
			}
			return found
		}

		it("are in the environment without a feature", func() {
			m := mount("guid")
			Expect(told(staging(m))).To(Equal(map[string]string{"VCAP_SERVICES": services}))
			Expect(told(running(m))).To(Equal(map[string]string{"VCAP_SERVICES": services}))
		})

		it("are in a file with file-based-vcap-services, and only there", func() {
			app.Services = bindings.InFile
			m := mount("guid")
			Expect(told(staging(m))).To(Equal(told(running(m))))
			Expect(told(running(m))).To(HaveLen(1))
			file := running(m)["VCAP_SERVICES_FILE_PATH"]
			Expect(file).To(HaveSuffix("/cf-service-bindings/vcap_services"))
			Expect(os.ReadFile(file)).To(MatchJSON(services))
			Expect(others(m)).To(BeEmpty())
		})

		it("are in a directory with service-binding-k8s, and only there, with the platform's own keys over the credentials", func() {
			app.Services = bindings.InDirectory
			m := mount("guid")
			Expect(told(staging(m))).To(Equal(told(running(m))))
			Expect(told(running(m))).To(HaveLen(1))
			root := running(m)["SERVICE_BINDING_ROOT"]
			Expect(root).To(HaveSuffix("/cf-service-bindings"))
			found := map[string]string{}
			for _, name := range platformtest.Tree(t, root) {
				_, name, _ = strings.Cut(name, " ")
				if content, err := os.ReadFile(filepath.Join(root, name)); err == nil {
					found[name] = string(content)
				}
			}
			Expect(found).To(Equal(map[string]string{
				"db/type": "postgres", "db/provider": "postgres", "db/label": "postgres", "db/name": "db", "db/plan": "small", "db/tags": `["sql"]`, "db/credhub-ref": "/c/db",
			}))
			Expect(others(m)).To(BeEmpty())
		})

		it("leave no directory where there are none, as on the platform", func() {
			p.Environ = []string{}
			app.Services = bindings.InDirectory
			Expect(running(mount("guid"))["SERVICE_BINDING_ROOT"]).NotTo(BeAnExistingFile())
			app.Services = bindings.InFile
			Expect(os.ReadFile(running(mount("guid"))["VCAP_SERVICES_FILE_PATH"])).To(Equal([]byte("{}")))
		})

		for _, form := range []bindings.Form{bindings.InEnvironment, bindings.InFile, bindings.InDirectory} {
			it("are refused if they are not VCAP_SERVICES, without a word of them: "+string(form), func() {
				p.Environ = []string{`VCAP_SERVICES={"s3cret`}
				app.Services = form
				_, err := p.Mount(app, "guid", PurposeApp, nil)
				Expect(err).To(MatchError("failed to read the bound services in VCAP_SERVICES of this environment: it is not JSON: it ends too early, after 8 bytes"))
			})
		}

		it("are refused in Cloud Controller's words where it would not hand them on", func() {
			p.Environ = []string{`VCAP_SERVICES={"a": [{"name": "my_db"}]}`}
			app.Services = bindings.InDirectory
			const reason = `Invalid binding name: 'my_db'. Name must match /^[a-z0-9\-.]{1,253}$/`
			_, err := p.Mount(app, "guid", PurposeApp, nil)
			Expect(err).To(MatchError("Cannot build service binding files for app - " + reason))
			_, err = p.Mount(app, "guid", PurposeStaging, nil)
			Expect(err).To(MatchError("Cannot build service binding files for staging task - " + reason))
		})
	})

	context("CF-42: the real launcher and a CredHub", func() {
		var asked atomic.Int32

		// launch is what a start command sees of its services, with a CredHub that knows instances by their identity.
		launched := func() string {
			t.Helper()
			asked.Store(0)
			m := mount("guid")
			hub := server(client(running(mount("the hub's"))), func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				body, err := io.ReadAll(r.Body)
				if err != nil || r.URL.Path != "/api/v1/interpolate" || r.TLS.PeerCertificates[0].Subject.CommonName != "guid" {
					w.WriteHeader(http.StatusBadRequest)
					return
				}
				_, _ = io.WriteString(w, strings.Replace(string(body), `"credhub-ref":"/c/db"`, `"password":"resolved"`, 1))
			})
			root := t.TempDir()
			Expect(os.Mkdir(filepath.Join(root, "app"), 0o755)).To(Succeed())
			command := exec.Command(p.Lifecycle.Launcher.Path, "app", `printenv VCAP_SERVICES || cat "$VCAP_SERVICES_FILE_PATH" "$SERVICE_BINDING_ROOT"/db/* 2>/dev/null || true`, "")
			command.Dir = root
			for name, value := range running(m) {
				command.Env = append(command.Env, name+"="+value)
			}
			command.Env = append(command.Env, `VCAP_PLATFORM_OPTIONS={"credhub-uri": "`+hub.URL+`"}`)
			output, err := command.Output()
			var failed *exec.ExitError
			Expect(err).NotTo(BeAssignableToTypeOf(failed), string(output))
			Expect(err).NotTo(HaveOccurred())
			return string(output)
		}

		it("has references in the environment resolved, by the instance's identity", func() {
			p.Environ = append(p.Environ, "VCAP_SERVICES="+strings.ReplaceAll(services, `": "`, `":"`))
			Expect(launched()).To(ContainSubstring(`"password":"resolved"`))
			Expect(asked.Load()).To(BeEquivalentTo(1))
		})

		for _, form := range []bindings.Form{bindings.InFile, bindings.InDirectory} {
			it("leaves references in files: "+string(form), func() {
				app.Services = form
				Expect(launched()).To(And(ContainSubstring("/c/db"), Not(ContainSubstring("resolved"))))
				Expect(asked.Load()).To(BeZero())
			})
		}
	})
}
