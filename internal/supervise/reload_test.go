//go:build linux

package supervise

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testReload(t *testing.T, when spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	it.Before(func() { s = newSite(t) })

	const handled = "trap 'echo reloaded; cat file' HUP; echo up; while :; do sleep 1000 & wait $!; done"
	onFile := func(more supervision.Reload) *supervision.Reload {
		more.On = append(more.On, "file")
		return &more
	}
	stop := func(p *process) {
		t.Helper()
		p.signal(syscall.SIGTERM)
		p.cleanStatus()
	}

	it("signals the command for each change", func() {
		s.put("file", "one\n", 0o644)
		s.specs(supervision.Spec{Name: "a", Reload: onFile(supervision.Reload{Signal: "HUP"})})
		p := s.run("a", handled)
		p.waitFor("up")
		for _, content := range []string{"two", "three"} {
			s.put("file.new", content+"\n", 0o644)
			Expect(os.Rename(s.directory+"/file.new", s.directory+"/file")).To(Succeed())
			p.waitFor(content)
		}
		Expect(p.wrote()).To(Equal("up\nreloaded\ntwo\nreloaded\nthree\n"))
		Eventually(p.said).Should(Equal(strings.Repeat("[supervise] a: file changed; it is sent SIGHUP\n", 2))) // once it has been sent
		Expect(s.state("a").Phase).To(Equal(supervision.PhaseReady))
		stop(p)
	})

	it("signals the program below a shell, and not the shell, which that would end", func() {
		s.put("file", "one\n", 0o644)
		s.specs(supervision.Spec{Name: "a", Reload: onFile(supervision.Reload{Signal: "HUP"})})
		s.environ = append(s.environ, "PROGRAM="+handled)
		p := s.run("a", "bash -c \"$PROGRAM\"; echo ended")
		p.waitFor("up")
		s.put("file", "two\n", 0o644)
		p.waitFor("two")
		Expect(p.wrote()).NotTo(ContainSubstring("ended"))
		stop(p)
	})

	it("waits until the command is ready", func() {
		s.put("file", "one\n", 0o644)
		s.specs(supervision.Spec{
			Name: "a", Reload: onFile(supervision.Reload{Signal: "HUP"}),
			Readiness: &supervision.Check{Type: supervision.CheckExec, Command: "test -e now", InvocationTimeout: 60},
		})
		p := s.run("a", "echo starting; until [ -e now ]; do sleep 0.02; done; "+handled)
		p.waitFor("starting")
		s.put("file", "two\n", 0o644)
		s.put("now", "", 0o644)
		p.waitFor("two")
		stop(p)
	})

	it("stops and starts it again, which is not a failure, without a pause and without a limit", func() {
		s.put("file", "one\n", 0o644)
		s.specs(supervision.Spec{Name: "a", Reload: onFile(supervision.Reload{Restart: true}), Readiness: &supervision.Check{Type: supervision.CheckProcess}},
			supervision.Spec{Name: "b", DependsOn: []string{"a"}, MemoryLimit: 1 << 40})
		p := s.run("a", "trap 'echo told; exit 0' TERM; cat file; while :; do sleep 1000 & wait $!; done")
		dependent := s.run("b", "echo up; sleep 1000")
		dependent.waitFor("up")
		p.waitFor("one") // it is ready as soon as it runs, and may not have read the file yet
		wrote := "one\n"
		for _, content := range []string{"two", "three"} {
			s.put("file", content+"\n", 0o644)
			p.waitFor(content)
			wrote += "told\n" + content + "\n"
		}
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		Expect(p.wrote()).To(Equal(wrote))
		Expect(s.state("a").Restarts).To(BeZero())
		Eventually(p.said).Should(MatchRegexp(`^(\[supervise\] a: file changed; it is stopped and started again\n` +
			`\[supervise\] a: is ready again, [0-9.µ]+m?s after it was started\n){2}$`))
		Expect(dependent.isOver()).To(BeFalse())
		dependent.signal(syscall.SIGTERM)
		dependent.status()
		stop(p)
	})

	it("kills one that does not stop for it in time", func() {
		s.put("file", "one\n", 0o644)
		s.specs(supervision.Spec{Name: "a", Reload: onFile(supervision.Reload{Restart: true}), StopTimeout: 1})
		p := s.run("a", "trap '' TERM; cat file; sleep 1000; sleep 1000")
		p.waitFor("one")
		s.put("file", "two\n", 0o644)
		p.waitFor("two")
		p.signal(syscall.SIGTERM)
		p.signal(syscall.SIGTERM)
		p.cleanStatus()
	})

	it("has the files of bound services written before the signal (render)", func() {
		s.put("file", "one\n", 0o644)
		s.put("bin/sidecar-render", "#!/bin/sh\necho \"$1 $2\" >> rendered\nmkdir -p \"$SIDECAR_FILES\" && cp file \"$SIDECAR_FILES/made\"\n", 0o755)
		s.specs(supervision.Spec{Name: "a", Render: true, Reload: onFile(supervision.Reload{Signal: "HUP"})})
		p := s.run("a", "trap 'cat \"$SIDECAR_FILES/made\"' HUP; cat \"$SIDECAR_FILES/made\"; while :; do sleep 1000 & wait $!; done")
		p.waitFor("one")
		s.put("file", "two\n", 0o644)
		p.waitFor("two")
		Expect(p.read(s.directory + "/rendered")).To(Equal("start a\nfiles a\n"))
		s.put("bin/sidecar-render", "#!/bin/sh\nexit 1\n", 0o755)
		s.put("file", "three\n", 0o644)
		Eventually(p.said).Should(HaveSuffix("[supervise] a: file changed, and it goes on with what it has: its variables and files cannot be made from bound services: sidecar-render ended with status 1\n"))
		stop(p)
	})

	it("slows down reloads of a command that changes what is watched itself, and says so once", func() {
		s.put("file", "", 0o644)
		s.specs(supervision.Spec{Name: "a", Reload: onFile(supervision.Reload{Signal: "HUP"})})
		p := s.run("a", "trap 'echo reloaded; echo more >> file' HUP; echo up; while :; do sleep 1000 & wait $!; done")
		p.waitFor("up")
		s.put("file", "one\n", 0o644)
		Eventually(func() int { return strings.Count(p.wrote(), "reloaded") }).Should(BeNumerically(">", freeReloads+1))
		Eventually(p.said).Should(Equal(strings.Repeat("[supervise] a: file changed; it is sent SIGHUP\n", freeReloads) +
			"[supervise] a: file changes again and again, as if the sidecar changed it itself when it reloads; it reloads at most every 30s until a minute passes without a change, and does not log each time\n"))
		stop(p)
	})

	when("failure cases", func() {
		when("bindings cannot be read (render)", func() {
			// render fails where the file says so.
			const render = `#!/bin/sh
if grep -q "broken for $1" file; then exit 1; fi
if [ "$1" = start ]; then printf 'FILE=%s\0' "$(cat file)"; fi
`
			var p *process
			it.Before(func() {
				s.put("file", "one", 0o644)
				s.put("bin/sidecar-render", render, 0o755)
				s.specs(supervision.Spec{Name: "a", Render: true, Reload: onFile(supervision.Reload{Restart: true})})
				p = s.run("a", `echo "$FILE"; exec sleep 1000`)
				p.waitFor("one")
			})
			const unmade = "its variables and files cannot be made from bound services: sidecar-render ended with status 1\n"

			it("does not stop a command that could not be started again, and tries again at the next change", func() {
				pid := s.pid("a")
				s.put("file", "broken for files, broken for start", 0o644)
				Eventually(p.said).Should(Equal("[supervise] a: file changed, and it goes on with what it has: " + unmade))
				Expect(syscall.Kill(pid, 0)).To(Succeed())
				Expect(p.isOver()).To(BeFalse())
				Expect(s.state("a").Pid).To(Equal(pid))
				s.put("file", "two", 0o644)
				p.waitFor("two")
				Expect(p.wrote()).To(Equal("one\ntwo\n"))
				stop(p)
			})

			it("starts it again with what it had if they break after it was stopped", func() {
				s.put("file", "broken for start", 0o644)
				Eventually(p.wrote).Should(Equal("one\none\n"))
				Eventually(p.said).Should(Equal("[supervise] a: file changed; it is stopped and started again\n[supervise] a: it is started again with what it had: " + unmade))
				s.put("file", "two", 0o644)
				p.waitFor("two")
				stop(p)
			})
		})

		it("sends no signal that would end the command, and says so", func() {
			s.put("file", "one\n", 0o644)
			s.specs(supervision.Spec{Name: "a", Reload: onFile(supervision.Reload{Signal: "USR1"})})
			p := s.run("a", "echo up; exec sleep 1000")
			p.waitFor("up")
			s.put("file", "two\n", 0o644)
			Eventually(p.said).Should(Equal("[supervise] a: file changed, and it goes on with what it has: SIGUSR1 would end it, as it does not handle that\n"))
			Expect(p.isOver()).To(BeFalse())
			stop(p)
		})
	})

	when("the identity of the instance is replaced under load (CF-43)", func() {
		const rotations = 5
		var (
			port       string
			roots      *x509.CertPool
			identities []identity
		)

		it.Before(func() {
			port, roots, identities = testport.Free(t), x509.NewCertPool(), nil
			for i := range rotations {
				identities = append(identities, newIdentity(t, int64(i), roots))
			}
			Expect(os.Mkdir(s.directory+"/cred", 0o755)).To(Succeed())
			s.environ = append(s.environ, "CF_INSTANCE_CERT="+s.directory+"/cred/instance.crt", "CF_INSTANCE_KEY="+s.directory+"/cred/instance.key", "PORT="+port)
			identities[0].put(t, s.directory+"/cred")
		})

		// rotated runs the server, has several clients ask without a pause while certificate and
		// key are replaced, and returns how many answers they have had from how many certificates.
		rotated := func(reload supervision.Reload, mayTryAgain func(error) bool) (p *process, answers int64, seen map[string]bool) {
			t.Helper()
			reload.On = []string{"$CF_INSTANCE_CERT", "$CF_INSTANCE_KEY"}
			s.specs(supervision.Spec{Name: "a", Reload: &reload, Readiness: &supervision.Check{Type: supervision.CheckPort, Port: port, InvocationTimeout: 60}})
			p = s.run("a", "exec $CHILD tls $PORT $CF_INSTANCE_CERT $CF_INSTANCE_KEY")
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady), p.said)
			var served atomic.Int64
			var over atomic.Bool
			var lost sync.Map
			var mutex sync.Mutex
			seen = map[string]bool{}
			var clients sync.WaitGroup
			for i := range 6 {
				client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: i%2 == 0}}
				clients.Go(func() {
					for !over.Load() {
						serial, err := ask(client, port)
						switch {
						case err == nil:
							served.Add(1)
							mutex.Lock()
							seen[serial] = true
							mutex.Unlock()
						case !mayTryAgain(err):
							lost.Store(err.Error(), true)
						}
					}
				})
			}
			has := func(serial string) func() bool {
				return func() bool {
					mutex.Lock()
					defer mutex.Unlock()
					return seen[serial]
				}
			}
			for i := range rotations {
				if i > 0 { // it has begun with the first one
					identities[i].put(t, s.directory+"/cred")
				}
				Eventually(has(strconv.Itoa(i))).Should(BeTrue(), p.said)
			}
			over.Store(true)
			clients.Wait()
			lost.Range(func(lost, _ any) bool {
				t.Errorf("a request was lost: %s", lost)
				return true
			})
			return p, served.Load(), seen
		}

		it("loses no request where the server reads it on a signal", func() {
			p, answers, seen := rotated(supervision.Reload{Signal: "HUP"}, func(error) bool { return false })
			Expect(seen).To(HaveLen(rotations))
			Expect(answers).To(BeNumerically(">", rotations))
			Eventually(p.said).Should(Equal(strings.Repeat("[supervise] a: $CF_INSTANCE_CERT, $CF_INSTANCE_KEY changed; it is sent SIGHUP\n", rotations-1)))
			Expect(p.wrote()).To(Equal(strings.Repeat("loaded\n", rotations)), "once for each, and at the start")
			stop(p)
			Expect(answeredBy(p)).To(Equal(answers))
		})

		// While no process listens, connections are refused; those that the kernel has accepted and the
		// server has not are closed. No server has seen these requests.
		it("answers each request that has reached a server which is started again, and others when they come again", func() {
			notTaken := func(err error) bool {
				return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF)
			}
			p, answers, seen := rotated(supervision.Reload{Restart: true}, notTaken)
			Expect(seen).To(HaveLen(rotations))
			Eventually(func() int { return strings.Count(p.said(), "changed; it is stopped and started again\n") }).Should(Equal(rotations - 1))
			Expect(s.state("a").Restarts).To(BeZero())
			stop(p)
			Expect(answeredBy(p)).To(Equal(answers), "what a server has answered has come to a client")
		})
	})
}

// answeredBy is how many requests all runs of the server have answered, and begun.
func answeredBy(p *process) (all int64) {
	p.Helper()
	for _, line := range splitLines(p.wrote()) {
		var begun, ended int64
		if n, _ := fmt.Sscanf(line, "begun %d answered %d", &begun, &ended); n > 0 {
			NewWithT(p.T).Expect(ended).To(Equal(begun))
			all += ended
		}
	}
	return all
}

// ask is the serial number of the certificate of whoever has answered.
func ask(client *http.Client, port string) (string, error) {
	answer, err := client.Get("https://127.0.0.1:" + port)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && string(body) != "served" {
		err = errors.New("found the answer " + string(body))
	}
	return answer.TLS.PeerCertificates[0].SerialNumber.String(), err
}

// An identity is certificate and key of an instance, in PEM.
type identity struct{ certificate, key []byte }

// newIdentity is one that whoever trusts the roots does, too.
func newIdentity(t *testing.T, serial int64, roots *x509.CertPool) identity {
	t.Helper()
	Expect := NewWithT(t).Expect
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Expect(err).NotTo(HaveOccurred())
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	Expect(err).NotTo(HaveOccurred())
	parsed, err := x509.ParseCertificate(certificate)
	Expect(err).NotTo(HaveOccurred())
	roots.AddCert(parsed)
	secret, err := x509.MarshalECPrivateKey(key)
	Expect(err).NotTo(HaveOccurred())
	return identity{
		certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		key:         pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}),
	}
}

// put replaces key and certificate as a cell does, one after the other by renames
// (executor's depot/containerstore/instance_identity_handler.go).
func (i identity) put(t *testing.T, directory string) {
	t.Helper()
	Expect := NewWithT(t).Expect
	at := func(name string) string { return filepath.Join(directory, name) }
	Expect(os.WriteFile(at("instance.key.tmp"), i.key, 0o600)).To(Succeed())
	Expect(os.WriteFile(at("instance.crt.tmp"), i.certificate, 0o600)).To(Succeed())
	Expect(os.Rename(at("instance.key.tmp"), at("instance.key"))).To(Succeed())
	Expect(os.Rename(at("instance.crt.tmp"), at("instance.crt"))).To(Succeed())
}
