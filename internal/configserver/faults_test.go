package configserver_test

import (
	stdcontext "context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
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

// faultsVariable sets the number of faults. Without it, each fault occurs once, except for those that take long.
const faultsVariable = "CONFIG_SERVER_FAULTS"

// testFaults makes a real git server, a real Spring Cloud Config Server and a real Vault fail in many ways, and asks
// config-server all the while. All values and credentials are marked: no log and no /health may have one.
func testFaults(t *testing.T, context spec.G, it spec.S) {
	const day = 24 * time.Hour
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually

		names                 *nameServer
		clock                 *movedClock
		git, spring, vault    *faultServer
		repository            *gitBackend
		tokens                *springBackend
		vaultServer           *vaultBackend
		configured            springtest.Repository // what the Spring server reads
		options               springtest.Options
		server                *springtest.Server
		authority, stranger   *springtest.Authority
		directory, services   string
		bound                 map[string]string // the credentials of the bound service
		certificates, keeping string
		said                  map[string]bool   // all values that the sources have ever given
		current               map[string]string // the current values, by the source's name, which is also the key
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
	writeVault := func() {
		t.Helper()
		next("vault")
		vaultServer.write(current["vault"])
	}
	// change changes the answers of all sources: of git by another commit, by one that replaces the last (a force
	// push), or by going back.
	change := func(i int) {
		t.Helper()
		writeVault()
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

	// bind sets credentials of the bound service, given as names and values.
	bind := func(changes ...string) {
		t.Helper()
		for i := 0; i < len(changes); i += 2 {
			bound[changes[i]] = changes[i+1]
		}
		content, err := json.Marshal(map[string]any{"user-provided": []any{map[string]any{"name": "config-server", "label": "user-provided", "credentials": bound}}})
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(services+".new", content, 0o600)).To(Succeed())
		Expect(os.Rename(services+".new", services)).To(Succeed())
	}
	// secrets returns what must not be in a log or in /health.
	secrets := func() []string {
		return slices.Concat([]string{"s3cret"}, tokens.given(), vaultServer.secrets())
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
			for _, secret := range secrets() {
				Expect(string(logs.Contents())).NotTo(ContainSubstring(secret))
			}
		}
	}

	// ask returns what the app gets, and expects values that the sources have given, whatever happens.
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

	// down returns the sources that cannot be read now, according to /health.
	down := func() (names []string) {
		t.Helper()
		ask()
		response, body := (&running{port: port}).request(t, http.MethodGet, "/health")
		Expect(response.StatusCode).To(Equal(http.StatusOK))
		for _, secret := range secrets() {
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
		vault.certify(certificate, key)
	}
	kill := func() {
		git.kill()
		spring.kill()
		vault.kill()
	}
	restart := func() {
		git.start()
		spring.start()
		vault.start()
	}
	// reconnect makes config-server look up and connect to all sources anew.
	reconnect := func() { kill(); restart() }
	// rebind sets credentials that a server does not accept, and returns once /health says so.
	rebind := func(server *faultServer, source, reason string, changes ...string) {
		t.Helper()
		server.kill()
		before := len(logs.Contents())
		bind(changes...)
		Eventually(func() string { ask(); return string(logs.Contents()[before:]) }, "2m", "20ms").Should(ContainSubstring(`The settings of the source "` + source + `" have changed.`))
		server.start()
		Eventually(func() string {
			_, body := (&running{port: port}).request(t, http.MethodGet, "/health")
			return body
		}, "2m", "20ms").Should(ContainSubstring(reason), logs.Contents)
	}

	// An outage lasts from begin to end. Meanwhile, the sources in down cannot be read.
	type outage struct {
		name       string
		down       []string
		begin, end func()
	}
	gits, springs, vaults, everything := []string{"git"}, []string{"spring"}, []string{"vault"}, []string{"git", "spring", "vault"}
	failing := func(name string, server func() *faultServer, down []string, how func(http.ResponseWriter, *http.Request, http.Handler)) outage {
		return outage{name, down, func() { server().failing(how) }, func() { server().failing(nil) }}
	}
	ofGit, ofSpring, ofVault := func() *faultServer { return git }, func() *faultServer { return spring }, func() *faultServer { return vault }
	secret := "s3cret-client"
	outages := func() []outage {
		all := []outage{
			{"git killed", gits, git.kill, git.start},
			{"Spring killed", springs, spring.kill, spring.start},
			{"Vault killed", vaults, vault.kill, vault.start},
			{"Vault sealed", vaults, func() { vaultServer.now().Seal(t) }, func() { vaultServer.now().Unseal(t) }},
			{"Vault: all tokens revoked", nil, vaultServer.revoke, func() {}},
			{"Vault: permission withdrawn", vaults, func() { vaultServer.allow(false) }, func() { vaultServer.allow(true) }},
			{"Vault: credentials that are replaced", vaults, func() {
				vaultServer.replaceSecretID()
				vaultServer.revoke()
			}, func() { bind("vault_secret_id", vaultServer.secretID) }},
			failing("Spring without tokens, the last of which ends", ofSpring, springs, noTokens),
		}
		for _, one := range []struct {
			name string
			how  func(http.ResponseWriter, *http.Request, http.Handler)
		}{{"an answer that breaks off", half}, {"half an answer", cut}, {"another's page", garbage}, {"an answer without an end", endless}, {"an error", broken}} {
			all = append(all, failing("git: "+one.name, ofGit, gits, one.how), failing("Spring: "+one.name, ofSpring, springs, one.how), failing("Vault: "+one.name, ofVault, vaults, one.how))
		}
		return append(all, []outage{
			{"git: wrong credentials", gits, func() { repository.setPassword("s3cret-other") }, func() { repository.setPassword("s3cret-first") }},
			{"git: credentials that are replaced", gits, func() { repository.setPassword("s3cret-second") }, func() { bind("git_password", "s3cret-second") }},
			{"git: credentials that are replaced back", gits, func() { repository.setPassword("s3cret-first") }, func() { bind("git_password", "s3cret-first") }},
			{"Spring: wrong credentials", springs, func() { rebind(spring, "spring", "invalid_client", "spring_client_secret", "s3cret-wrong") },
				func() { bind("spring_client_secret", secret) }},
			{"Vault: wrong credentials", vaults, func() {
				rebind(vault, "vault", "the credentials were not accepted", "vault_secret_id", "s3cret-wrong")
			}, func() { bind("vault_secret_id", vaultServer.secretID) }},
			{"a certificate of another authority", everything, func() { certify(stranger, "strange") }, func() { certify(authority, "server") }},
			{"a certificate of a new authority", everything, func() {
				Expect(os.Remove(filepath.Join(certificates, "ca.crt"))).To(Succeed())
				certify(stranger, "strange")
			}, func() { Expect(copyFile(stranger.File, filepath.Join(certificates, "ca.crt"))).To(Succeed()) }},
			{"a certificate of the old authority", everything, func() { certify(authority, "server") }, func() { Expect(copyFile(authority.File, filepath.Join(certificates, "ca.crt"))).To(Succeed()) }},
			{"a deleted branch", gits, func() { repository.Git("branch", "--move", "main", "gone") }, func() { repository.Git("branch", "--move", "gone", "main") }},
			{"a name that no name server knows", everything, func() { names.answering(dnsmessage.RCodeNameError); reconnect() }, func() { names.answering(dnsmessage.RCodeSuccess) }},
			{"a name server that fails", everything, func() { names.answering(dnsmessage.RCodeServerFailure); reconnect() }, func() { names.answering(dnsmessage.RCodeSuccess) }},
			{"no name server", everything, func() { names.kill(); reconnect() }, names.start},
			{"a clock that is set forward", nil, func() { clock.move(40 * day) }, func() {}},
			{"a clock that is set back", nil, func() { clock.move(-90 * day) }, func() {}},
			{"a clock that is set forward while all is down", everything, func() {
				kill()
				clock.move(90 * day)
			}, restart},
			{"a restart while all is down, and a clock that was set back", everything, func() {
				kill()
				stop()
				clock.move(-40 * day)
				run()
			}, restart},
			failing("Spring: no answer", ofSpring, springs, slow),
			failing("Vault: no answer", ofVault, vaults, slow),
		}...)
	}
	// long returns the outages that take long.
	long := func() []outage {
		return []outage{
			failing("git: no answer", ofGit, gits, slow),
			{"Spring's own process killed, and with it the key of its tokens", springs, func() { server.Stop() }, func() { server = springtest.Start(t, options) }},
			{"Vault's own process killed, and with it all that it knew", vaults, vaultServer.stop, func() {
				vaultServer.restart()
				bind("vault_role_id", vaultServer.roleID, "vault_secret_id", vaultServer.secretID)
			}},
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
		// Its tokens last for five seconds, and claim to last for an hour.
		options = springtest.Options{Repository: configured.Directory, Clients: map[string]string{"id": secret}, TokenLifetime: 5 * time.Second, Port: testport.Free(t)}
		server = springtest.Start(t, options)
		tokens = newSpringBackend(t, server)
		certificate, key := authority.Issue(directory, "server")
		vaultServer = newVaultBackend(t)
		writeVault()
		git, spring, vault = newFaultServer(t, certificate, key, repository), newFaultServer(t, certificate, key, tokens), newFaultServer(t, certificate, key, vaultServer)
		names, clock = newNameServer(t), &movedClock{}
		bound = map[string]string{
			"git_uri": git.url() + "/repo", "git_username": "u", "git_password": "s3cret-first",
			"spring_uri": spring.url(), "spring_access_token_uri": spring.url() + tokenPath, "spring_client_id": "id", "spring_client_secret": secret,
			"vault_uri": vault.url(), "vault_role_id": vaultServer.roleID, "vault_secret_id": vaultServer.secretID,
		}
		bind()
	})

	it("answers throughout with what the sources have said, and then with what they say now", func() {
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
		Eventually(vaultServer.renewed, "2m").Should(BeNumerically(">", 0), "tokens of Vault expire after seconds")
	})
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return atomicfile.Write(to, content, 0o600)
}
