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
	"golang.org/x/net/dns/dnsmessage"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// faultsVariable is how many faults there are, one after the other; without it, each comes once, but
// for those that take long.
const faultsVariable = "CONFIG_SERVER_FAULTS"

// testFaults has a real git server and a real Spring Cloud Config Server fail in many ways, and asks all the time. All
// values and credentials are marked: no log and no /health has any.
func testFaults(t *testing.T, context spec.G, it spec.S) {
	const day = 24 * time.Hour
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually

		names                 *nameServer
		clock                 *movedClock
		git, spring           *faultServer
		repository            *gitBackend
		tokens                *springBackend
		configured            springtest.Repository // what the Spring server reads
		options               springtest.Options
		server                *springtest.Server
		authority, stranger   *springtest.Authority
		directory, services   string
		certificates, keeping string
		said                  map[string]bool   // all that the sources have ever said
		current               map[string]string // what they say now, by the source's name, which is the key, too
		number                int
		port                  string
		logs                  *gbytes.Buffer
		stop                  func()
	)

	next := func(source string) string {
		number++
		current[source] = fmt.Sprintf("s3cret-%s-%d", source, number)
		said[current[source]] = true
		return source + ": " + current[source] + "\n" + strings.Repeat("# so that there is something to read\n", 200)
	}
	write := func() {
		t.Helper()
		Expect(os.WriteFile(filepath.Join(repository.Directory, "application.yml"), []byte(next("git")), 0o600)).To(Succeed())
		repository.Git("add", "--all")
	}
	commit := func() {
		t.Helper()
		write()
		repository.Git("commit", "--quiet", "--message=another")
	}
	// change has the sources say something else: git by another commit, by another one in its place (a
	// forced push), or by going back.
	change := func(i int) {
		t.Helper()
		configured.Commit(map[string]string{"application.yml": next("spring")})
		switch i % 4 {
		case 1:
			write()
			repository.Git("commit", "--quiet", "--amend", "--message=in its place")
		case 3:
			repository.Git("reset", "--quiet", "--hard", "HEAD~1")
			content, err := os.ReadFile(filepath.Join(repository.Directory, "application.yml"))
			Expect(err).NotTo(HaveOccurred())
			line, _, _ := strings.Cut(string(content), "\n")
			current["git"] = strings.TrimPrefix(line, "git: ")
		default:
			commit()
		}
	}

	bind := func(gitPassword, clientSecret string) {
		t.Helper()
		content, err := json.Marshal(map[string]any{"user-provided": []any{map[string]any{
			"name": "config-server", "label": "user-provided",
			"credentials": map[string]string{
				"git_uri": git.url() + "/repo", "git_username": "u", "git_password": gitPassword,
				"spring_uri": spring.url(), "spring_access_token_uri": spring.url() + tokenPath, "spring_client_id": "id", "spring_client_secret": clientSecret,
			},
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
		go func() { ended <- configserver.RunUnder(ctx, environ, logs, clock, 5*time.Second) }()
		Eventually(logs, "1m").Should(gbytes.Say("Listening on"))
		stop = func() {
			t.Helper()
			http.DefaultClient.CloseIdleConnections()
			cancel()
			Eventually(ended, "1m").Should(Receive(BeNil()))
			Expect(string(logs.Contents())).NotTo(ContainSubstring("s3cret"))
			for _, token := range tokens.given() {
				Expect(string(logs.Contents())).NotTo(ContainSubstring(token))
			}
		}
	}

	// ask is what the app gets: values that the sources have said, whatever happens.
	ask := func() map[string]string {
		t.Helper()
		got := map[string]string{}
		for source := range current {
			response, body := (&running{port: port}).request(t, http.MethodGet, "/config/"+source)
			Expect(response.StatusCode).To(Equal(http.StatusOK), string(logs.Contents()))
			Expect(said).To(HaveKey(body))
			Expect(body).To(HavePrefix("s3cret-" + source + "-"))
			got[source] = body
		}
		return got
	}

	// down asks for the sources that cannot be asked now.
	down := func() (names []string) {
		t.Helper()
		ask()
		response, body := (&running{port: port}).request(t, http.MethodGet, "/health")
		Expect(response.StatusCode).To(Equal(http.StatusOK))
		for _, secret := range append(tokens.given(), "s3cret") {
			Expect(body).NotTo(ContainSubstring(secret))
		}
		var health struct {
			Sources []struct{ Name, Error string }
		}
		Expect(json.Unmarshal([]byte(body), &health)).To(Succeed())
		for _, source := range health.Sources {
			if source.Error != "" {
				names = append(names, source.Name)
			}
		}
		return names
	}

	certify := func(by *springtest.Authority, name string) {
		t.Helper()
		certificate, key := by.Issue(directory, name)
		git.certify(certificate, key)
		spring.certify(certificate, key)
	}
	// reconnect has both sources looked up and connected to anew.
	reconnect := func() {
		for _, server := range []*faultServer{git, spring} {
			server.kill()
			server.start()
		}
	}

	// An outage ends with end. Until then, the sources whose names are in down cannot be asked.
	type outage struct {
		name       string
		down       []string
		begin, end func()
	}
	gits, springs, both := []string{"git"}, []string{"spring"}, []string{"git", "spring"}
	failing := func(name string, server func() *faultServer, down []string, how func(http.ResponseWriter, *http.Request, http.Handler)) outage {
		return outage{name, down, func() { server().failing(how) }, func() { server().failing(nil) }}
	}
	ofGit, ofSpring := func() *faultServer { return git }, func() *faultServer { return spring }
	secret := "s3cret-client"
	outages := func() []outage {
		all := []outage{
			{"git killed", gits, git.kill, git.start},
			{"Spring killed", springs, spring.kill, spring.start},
			failing("Spring without tokens, the last of which ends", ofSpring, springs, noTokens),
		}
		for _, one := range []struct {
			name string
			how  func(http.ResponseWriter, *http.Request, http.Handler)
		}{{"an answer that breaks off", half}, {"half an answer", cut}, {"another's page", garbage}, {"an answer without an end", endless}, {"an error", broken}} {
			all = append(all, failing("git: "+one.name, ofGit, gits, one.how), failing("Spring: "+one.name, ofSpring, springs, one.how))
		}
		return append(all, []outage{
			{"git: wrong credentials", gits, func() { repository.setPassword("s3cret-other") }, func() { repository.setPassword("s3cret-first") }},
			{"git: credentials that are replaced", gits, func() { repository.setPassword("s3cret-second") }, func() { bind("s3cret-second", secret) }},
			{"git: credentials that are replaced back", gits, func() { repository.setPassword("s3cret-first") }, func() { bind("s3cret-first", secret) }},
			{"Spring: wrong credentials", springs, func() {
				spring.kill()
				bind("s3cret-first", "s3cret-wrong")
				Eventually(func() string { ask(); return string(logs.Contents()) }, "2m", "20ms").Should(ContainSubstring(`The settings of the source "spring" have changed.`))
				spring.start()
				Eventually(func() string {
					_, body := (&running{port: port}).request(t, http.MethodGet, "/health")
					return body
				}, "2m", "20ms").Should(ContainSubstring("invalid_client"), logs.Contents)
			}, func() { bind("s3cret-first", secret) }},
			{"a certificate of another authority", both, func() { certify(stranger, "strange") }, func() { certify(authority, "server") }},
			{"a certificate of a new authority", both, func() {
				Expect(os.Remove(filepath.Join(certificates, "ca.crt"))).To(Succeed())
				certify(stranger, "strange")
			}, func() { Expect(copyFile(stranger.File, filepath.Join(certificates, "ca.crt"))).To(Succeed()) }},
			{"a certificate of the old authority", both, func() { certify(authority, "server") }, func() { Expect(copyFile(authority.File, filepath.Join(certificates, "ca.crt"))).To(Succeed()) }},
			{"a deleted branch", gits, func() { repository.Git("branch", "--move", "main", "gone") }, func() { repository.Git("branch", "--move", "gone", "main") }},
			{"a name that no name server knows", both, func() { names.answering(dnsmessage.RCodeNameError); reconnect() }, func() { names.answering(dnsmessage.RCodeSuccess) }},
			{"a name server that fails", both, func() { names.answering(dnsmessage.RCodeServerFailure); reconnect() }, func() { names.answering(dnsmessage.RCodeSuccess) }},
			{"no name server", both, func() { names.kill(); reconnect() }, names.start},
			{"a clock that is set forward", nil, func() { clock.move(40 * day) }, func() {}},
			{"a clock that is set back", nil, func() { clock.move(-90 * day) }, func() {}},
			{"a clock that is set forward while all is down", both, func() {
				git.kill()
				spring.kill()
				clock.move(90 * day)
			}, func() { git.start(); spring.start() }},
			{"a restart while all is down, and a clock that was set back", both, func() {
				git.kill()
				spring.kill()
				stop()
				clock.move(-40 * day)
				run()
			}, func() { git.start(); spring.start() }},
			failing("Spring: no answer", ofSpring, springs, slow),
		}...)
	}
	// long are outages that take long.
	long := func() []outage {
		return []outage{
			failing("git: no answer", ofGit, gits, slow),
			{"Spring's own process killed, and with it the key of its tokens", springs, func() { server.Stop() }, func() { server = springtest.Start(t, options) }},
		}
	}

	it.Before(func() {
		directory, certificates, keeping = t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "kept")
		services = filepath.Join(directory, "vcap_services")
		authority, stranger = springtest.NewAuthority(t), springtest.NewAuthority(t)
		Expect(copyFile(authority.File, filepath.Join(certificates, "ca.crt"))).To(Succeed())
		said, current, number, port = map[string]bool{}, map[string]string{}, 0, testport.Free(t)
		repository, configured = newGitBackend(t), springtest.NewRepository(t)
		commit()
		configured.Commit(map[string]string{"application.yml": next("spring")})
		// Its tokens last for so long, and seem to last for an hour.
		options = springtest.Options{Repository: configured.Directory, Clients: map[string]string{"id": secret}, TokenLifetime: 5 * time.Second, Port: testport.Free(t)}
		server = springtest.Start(t, options)
		tokens = newSpringBackend(t, server)
		certificate, key := authority.Issue(directory, "server")
		git, spring = newFaultServer(t, certificate, key, repository), newFaultServer(t, certificate, key, tokens)
		names, clock = newNameServer(t), &movedClock{}
		bind("s3cret-first", secret)
	})

	it("answers throughout with what the sources have said, and comes back to what they say", func() {
		run()
		defer func() { stop() }()
		Eventually(func() int {
			response, _ := (&running{port: port}).request(t, http.MethodGet, "/health")
			return response.StatusCode
		}, "2m").Should(Equal(http.StatusOK), func() string { return string(logs.Contents()) + server.Log() })
		Expect(ask()).To(Equal(current))

		all := outages()
		total := len(all)
		if text := os.Getenv(faultsVariable); text != "" {
			var err error
			total, err = strconv.Atoi(text)
			Expect(err).NotTo(HaveOccurred())
			all = append(all, long()...)
		}
		for i := range total {
			one := all[i%len(all)]
			begun := time.Now()
			one.begin()
			Eventually(down, "2m", "20ms").Should(ContainElements(one.down), "%s: %s", one.name, logs.Contents())
			one.end()
			change(i)
			Eventually(ask, "2m", "20ms").Should(Equal(current), "after %s: %s", one.name, logs.Contents())
			t.Log(i, one.name, time.Since(begun).Round(time.Millisecond))
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
