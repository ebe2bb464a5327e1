//go:build linux

package supervise

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// testPlanted puts into the place of each file that is read what would keep its reader
// waiting, or take all memory.
func testPlanted(t *testing.T, _ spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	it.Before(func() {
		s = newSite(t)
		Expect(os.Mkdir(filepath.Join(s.directory, supervision.RunDirectory), 0o755)).To(Succeed())
	})

	// planted are ways to be in the way, with what is found then.
	planted := []struct {
		what  string
		plant func(path string) error
		found string
	}{
		{"a named pipe", func(path string) error { return syscall.Mkfifo(path, 0o644) }, "found a named pipe; expected a regular file"},
		{"a directory", func(path string) error { return os.Mkdir(path, 0o755) }, "found a directory; expected a regular file"},
		{"a device", func(path string) error { return os.Symlink("/dev/zero", path) }, "found a device; expected a regular file"},
		{"a huge file", func(path string) error {
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				return err
			}
			return os.Truncate(path, 1<<40)
		}, "found 1048576 MB; expected a regular file of at most"},
	}

	for _, way := range planted {
		what := way.what
		plant := func(name string) string {
			path := filepath.Join(s.directory, supervision.RunDirectory, name)
			NewWithT(t).Expect(os.RemoveAll(path)).To(Succeed())
			NewWithT(t).Expect(way.plant(path)).To(Succeed())
			return path
		}

		it("says of "+what+" in place of a state what it is, and tells of the others", func() {
			s.specs(supervision.Spec{Name: "a"}, supervision.Spec{Name: "b", MemoryLimit: 1 << 40})
			b := s.run("b", "echo up; exec sleep 1000")
			Eventually(s.phase("b")).Should(Equal(supervision.PhaseReady))
			path := plant("0.json")
			states, err := supervision.States(s.directory)
			Expect(err).To(MatchError(ContainSubstring(path + ": " + way.found)))
			Expect(states).To(ConsistOf(HaveField("Name", "b")))
			b.signal(syscall.SIGTERM)
			Expect(b.status()).To(Equal(128 + 15))
		})

		it("waits on where "+what+" is in place of a state, and says so in the end", func() {
			s.specs(supervision.Spec{Name: "a", Timeout: 1}, supervision.Spec{Name: "b", DependsOn: []string{"a"}})
			path := plant("0.json")
			p := s.run("b", "echo up")
			Expect(p.status()).To(Equal(1))
			Expect(p.said()).To(And(HavePrefix(`[supervise] b: "a" is not ready after 1s: `), ContainSubstring(path+": "+way.found)))
		})

		it("stops where "+what+" is in place of what tells of the main process and of others", func() {
			s.specs(supervision.Spec{Name: "a", StopAfterApp: true, StopTimeout: 1, StopAfter: []string{"b"}}, supervision.Spec{Name: "b"})
			plant(supervision.AppFile)
			plant("1.json")
			p := s.run("a", "trap 'exit 7' TERM; echo up; sleep 1000 & wait")
			p.waitFor("up")
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
			p.signal(syscall.SIGTERM)
			// Each is known by then, since nothing is read with the mutex held.
			Eventually(s.phase("a")).Should(Equal(supervision.PhaseStopping))
			p.signal(syscall.SIGTERM)
			Expect(p.cleanStatus()).To(Equal(7))
		})

		it("is woken all the same where "+what+" is in place of what tells of a change", func() {
			s.specs(supervision.Spec{Name: "a"}, supervision.Spec{Name: "b", DependsOn: []string{"a"}, MemoryLimit: 1 << 40})
			plant("0.json.wait")
			b := s.run("b", "echo up; exec sleep 1000")
			Eventually(s.phase("b")).Should(Equal(supervision.PhaseWaiting))
			s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40}, supervision.Spec{Name: "b"})
			a := s.run("a", "exec sleep 1000")
			b.waitFor("up")
			for _, p := range []*process{a, b} {
				p.signal(syscall.SIGTERM)
				Expect(p.status()).To(Equal(128 + 15))
			}
		})

		it("agrees on ports where "+what+" is in place of the agreement", func() {
			path := plant(portsFile)
			s.environ = append(s.environ, "PORT=20910")
			first, second := s.askPorts(1), s.askPorts(1)
			for _, p := range []*process{first, second} {
				Expect(p.status()).To(Equal(0))
				Expect(p.ports()).To(HaveLen(2))
				Expect(p.said()).To(And(HavePrefix("[supervise] ignored the ports that were agreed on: "), ContainSubstring(path+": "+way.found)))
			}
			Expect(first.wrote()).To(Equal(second.wrote()))
		})

		it("says of "+what+" in place of the specs what it is", func() {
			path := filepath.Join(s.directory, supervision.FileName)
			Expect(way.plant(path)).To(Succeed())
			p := s.run("a", "echo up")
			Expect(p.status()).To(Equal(1))
			Expect(p.said()).To(ContainSubstring(path + ": "))
			Expect(p.wrote()).To(BeEmpty())
		})
	}

	it("ignores a state that makes no sense, and says what it found", func() {
		s.specs(supervision.Spec{Name: "a"})
		for content, found := range map[string]string{
			"":                                      "unexpected end of JSON input",
			"null":                                  `found the state of ""; expected that of "a"`,
			`{"name":"b","phase":"ready"}`:          `found the state of "b"; expected that of "a"`,
			`{"name":"a","phase":"red"}`:            `found the phase "red"; expected one of ["waiting" `,
			`{"name":"a","phase":"ready","pid":-1}`: "found a negative number",
		} {
			path := s.put("run/0.json", content, 0o644)
			states, err := supervision.States(s.directory)
			Expect(states).To(BeEmpty())
			Expect(err).To(MatchError(And(ContainSubstring(path), ContainSubstring(found))), content)
		}
	})

	it("does not take a state for ready whose process is another one by now", func() {
		s.specs(supervision.Spec{Name: "a", Timeout: 1})
		s.put("run/0.json", `{"name":"a","phase":"ready","supervisor":1,"process_start":18446744073709551615}`, 0o644)
		p := s.hold("a")
		Expect(p.status()).To(Equal(1))
		Expect(p.said()).To(ContainSubstring(`"a" is not ready after 1s: it has ended`))
	})

	it("agrees on ports anew where an agreement makes no sense", func() {
		s.environ = append(s.environ, "PORT=20930")
		var chosen string
		for _, content := range []string{"", "\n", "x", "20930", "20930 0", "20930 65536", "20930 1 2"} {
			s.put("run/ports", content, 0o644)
			p := s.askPorts(1)
			Expect(p.status()).To(Equal(0))
			Expect(p.ports()).To(And(HaveLen(2), HaveExactElements("20930", Not(BeEmpty()))), content)
			Expect(p.said()).To(ContainSubstring("[supervise] ignored the ports that were agreed on: "+s.directory+"/run/ports: found "), content)
			if chosen == "" {
				chosen = p.wrote()
			}
			Expect(p.wrote()).To(Equal(chosen), "all agree")
		}
	})
}
