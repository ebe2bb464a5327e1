package configserver_test

import (
	stdcontext "context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// faultsVariable is how many faults there are, one after the other; without it, each comes once.
const faultsVariable = "CONFIG_SERVER_FAULTS"

// testFaults has a real git server fail in many ways, and asks all the time. All values and credentials
// are marked: no log and no /health has any.
func testFaults(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually

		git                   *faultServer
		authority, stranger   *springtest.Authority
		directory, services   string
		certificates, keeping string
		said                  map[string]bool // all that the source has ever said
		current               string          // what it says now
		number                int
		port                  string
		logs                  *gbytes.Buffer
		stop                  func()
	)

	write := func() {
		t.Helper()
		number++
		current = fmt.Sprintf("s3cret-value-%d", number)
		said[current] = true
		content := "k: " + current + "\n" + strings.Repeat("# so that there is something to read\n", 200)
		Expect(os.WriteFile(filepath.Join(git.Directory, "application.yml"), []byte(content), 0o600)).To(Succeed())
		git.Git("add", "--all")
	}
	commit := func() {
		t.Helper()
		write()
		git.Git("commit", "--quiet", "--message=another")
	}
	// change has the source say something else: by another commit, by another one in its place (a
	// forced push), or by going back.
	change := func(i int) {
		t.Helper()
		switch i % 4 {
		case 1:
			write()
			git.Git("commit", "--quiet", "--amend", "--message=in its place")
		case 3:
			git.Git("reset", "--quiet", "--hard", "HEAD~1")
			content, err := os.ReadFile(filepath.Join(git.Directory, "application.yml"))
			Expect(err).NotTo(HaveOccurred())
			line, _, _ := strings.Cut(string(content), "\n")
			current = strings.TrimPrefix(line, "k: ")
		default:
			commit()
		}
	}

	bind := func(password string) {
		t.Helper()
		content, err := json.Marshal(map[string]any{"user-provided": []any{map[string]any{
			"name": "config-server", "label": "user-provided",
			"credentials": map[string]string{"git_uri": "https://" + git.address + "/repo", "git_username": "u", "git_password": password},
		}}})
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(services+".new", content, 0o600)).To(Succeed())
		Expect(os.Rename(services+".new", services)).To(Succeed())
	}

	run := func() {
		t.Helper()
		ctx, cancel := stdcontext.WithCancel(stdcontext.Background())
		ended := make(chan error, 1)
		logs = gbytes.NewBuffer()
		environ := []string{
			"CONFIG_SERVER_PORT=" + port, "CONFIG_SERVER_INTERVAL=1", "VCAP_SERVICES_FILE_PATH=" + services,
			"CF_SYSTEM_CERT_PATH=" + certificates, "CONFIG_SERVER_KEEP=" + keeping, "CONFIG_SERVER_START_FROM_KEPT=true",
		}
		go func() { ended <- configserver.Run(ctx, environ, logs) }()
		Eventually(logs, "1m").Should(gbytes.Say("Listening on"))
		stop = func() {
			t.Helper()
			http.DefaultClient.CloseIdleConnections()
			cancel()
			Eventually(ended, "1m").Should(Receive(BeNil()))
			Expect(string(logs.Contents())).NotTo(ContainSubstring("s3cret"))
		}
	}

	// ask is the value that the app gets: one that the source has said, whatever happens.
	ask := func() string {
		t.Helper()
		response, body := (&running{port: port}).request(t, http.MethodGet, "/config/k")
		Expect(response.StatusCode).To(Equal(http.StatusOK), string(logs.Contents()))
		Expect(said).To(HaveKey(body))
		return body
	}

	// meanwhile asks during an outage, until the source was asked again in vain.
	meanwhile := func() {
		t.Helper()
		Eventually(func() string {
			ask()
			response, body := (&running{port: port}).request(t, http.MethodGet, "/health")
			Expect(response.StatusCode).To(Equal(http.StatusOK))
			Expect(body).NotTo(ContainSubstring("s3cret"))
			return body
		}, "2m", "20ms").Should(ContainSubstring(`"error":`), string(logs.Contents()))
	}

	certify := func(by *springtest.Authority, name string) {
		t.Helper()
		certificate, key := by.Issue(directory, name)
		git.certify(certificate, key)
	}

	type outage struct {
		name       string
		begin, end func()
	}
	failing := func(name string, how func(http.ResponseWriter, *http.Request, http.Handler)) outage {
		return outage{name, func() { git.failing(how) }, func() { git.failing(nil) }}
	}
	outages := func() []outage {
		return []outage{
			{"killed", git.kill, git.start},
			failing("an answer that breaks off", half),
			failing("half an answer", cut),
			failing("another's page", garbage),
			failing("an answer without an end", endless),
			failing("an error", broken),
			{"wrong credentials", func() { git.setPassword("s3cret-other") }, func() { git.setPassword("s3cret-first") }},
			{"credentials that are replaced", func() { git.setPassword("s3cret-second") }, func() { bind("s3cret-second") }},
			{"credentials that are replaced back", func() { git.setPassword("s3cret-first") }, func() { bind("s3cret-first") }},
			{"a certificate of another authority", func() { certify(stranger, "strange") }, func() { certify(authority, "server") }},
			{"a certificate of a new authority", func() {
				Expect(os.Remove(filepath.Join(certificates, "ca.crt"))).To(Succeed())
				certify(stranger, "strange")
			}, func() { Expect(copyFile(stranger.File, filepath.Join(certificates, "ca.crt"))).To(Succeed()) }},
			{"a certificate of the old authority", func() { certify(authority, "server") }, func() { Expect(copyFile(authority.File, filepath.Join(certificates, "ca.crt"))).To(Succeed()) }},
			{"a deleted branch", func() { git.Git("branch", "--move", "main", "gone") }, func() { git.Git("branch", "--move", "gone", "main") }},
			{"a restart while it is down, and a clock that has moved", func() {
				git.kill()
				stop()
				files, err := filepath.Glob(filepath.Join(keeping, "*"))
				Expect(err).NotTo(HaveOccurred())
				for _, file := range files {
					moved := time.Now().Add(time.Duration(1-2*(number%2)) * 24 * time.Hour)
					Expect(os.Chtimes(file, moved, moved)).To(Succeed())
				}
				run()
			}, git.start},
			failing("no answer", slow),
		}
	}

	it.Before(func() {
		directory, certificates, keeping = t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "kept")
		services = filepath.Join(directory, "vcap_services")
		authority, stranger = springtest.NewAuthority(t), springtest.NewAuthority(t)
		Expect(copyFile(authority.File, filepath.Join(certificates, "ca.crt"))).To(Succeed())
		certificate, key := authority.Issue(directory, "server")
		git = newFaultServer(t, certificate, key)
	})

	it("answers throughout with what the source has said, and comes back to what it says", func() {
		said, number, port = map[string]bool{}, 0, testport.Free(t)
		bind("s3cret-first")
		commit()
		run()
		defer func() { stop() }()
		Eventually(func() int {
			response, _ := (&running{port: port}).request(t, http.MethodGet, "/health")
			return response.StatusCode
		}, "1m").Should(Equal(http.StatusOK), string(logs.Contents()))
		Expect(ask()).To(Equal(current))

		all := outages()
		total := len(all)
		if text := os.Getenv(faultsVariable); text != "" {
			var err error
			total, err = strconv.Atoi(text)
			Expect(err).NotTo(HaveOccurred())
		}
		for i := range total {
			one := all[i%len(all)]
			t.Log(i, one.name)
			one.begin()
			meanwhile()
			one.end()
			change(i)
			Eventually(ask, "2m", "20ms").Should(Equal(current), "after %s: %s", one.name, logs.Contents())
		}
	})
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return atomicfile.Write(to, content, 0o600)
}
