//go:build linux

package supervise

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testProgram(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	it.Before(func() { s = newPlainSite(t) })

	it("runs a command where and with what its spec says", func() {
		s.environ = append(s.environ, "OUTER=outer", "HOME=/")
		s.specs(supervision.Spec{Name: "other"}, supervision.Spec{
			Name: "a", WorkDir: "${HOME}tmp", Restart: supervision.RestartOnFailure,
			Env: []supervision.Variable{{Name: "FIRST", Value: "$OUTER and $NONE"}, {Name: "SECOND", Value: "${FIRST}, $(pwd) `pwd` ~ *"}, {Name: "OUTER", Value: "inner"}},
		})
		p := s.run("a", `pwd; echo "$PWD|$FIRST|$SECOND|$OUTER"`)
		Expect(p.cleanStatus()).To(Equal(0), p.said())
		Expect(p.wrote()).To(Equal("/tmp\n/tmp|outer and |outer and , $(pwd) `pwd` ~ *|inner\n"))
		Expect(p.said()).To(Equal("[supervise] a: ended with status 0; the app's instance ends with it\n"))
	})

	it("sets variables that no shell can export, through bash too", func() {
		for _, spec := range []supervision.Spec{{Name: "a"}, {Name: "a", Restart: supervision.RestartOnFailure}} {
			spec.Env = []supervision.Variable{{Name: "spring.application.name", Value: "orders"}, {Name: "discovery-type", Value: "single-node"}}
			s.specs(spec)
			p := s.run("a", "env")
			Expect(p.cleanStatus()).To(Equal(0), p.said())
			Expect(p.wrote()).To(ContainSubstring("spring.application.name=orders\n"))
			Expect(p.wrote()).To(ContainSubstring("discovery-type=single-node\n"))
		}
	})

	it("reads what a variable of its environment states for the command, and only then", func() {
		Expect(os.Symlink(filepath.Join(built, "sidecar-env"), filepath.Join(s.directory, "bin", "sidecar-env"))).To(Succeed())
		s.environ = append(s.environ, `SIDECAR_A_ENV={A: "two\nlines, $B", B: 'it''s', C: ""}`, "B=outer")
		for _, spec := range []supervision.Spec{{Name: "a", EnvFrom: "SIDECAR_A_ENV"}, {Name: "a", EnvFrom: "SIDECAR_A_ENV", Restart: supervision.RestartOnFailure}} {
			s.specs(spec)
			p := s.run("a", `printf '%s|%s|%s' "$A" "$B" "${C-unset}"`)
			Expect(p.cleanStatus()).To(Equal(0), p.said())
			Expect(p.wrote()).To(Equal("two\nlines, outer|it's|"))
		}
	})

	it("becomes the command where there is nothing to stay for", func() {
		s.specs(supervision.Spec{Name: "a", Env: []supervision.Variable{{Name: "A", Value: "a"}}})
		p := s.run("a", "echo $$ $A")
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(p.wrote()).To(Equal(strconv.Itoa(p.Process.Pid) + " a\n"))
		Expect(s.directory + "/run").NotTo(BeADirectory())
	})

	it("tells how the command is", func() {
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
		p := s.run("a", "echo up $$; sleep 1000")
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady))
		state := s.state("a")
		p.waitFor("up " + strconv.Itoa(state.Pid))
		Expect(state.Supervisor).To(Equal(p.Process.Pid))
		Expect(state.Started).NotTo(BeZero())
		Expect(state.Since).To(BeTemporally("<=", state.Started.Add(state.Since.Sub(state.Started))))
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
		Expect(s.state("a").Phase).To(Equal(supervision.PhaseStopping))
	})

	it("hands over arguments, standard input and all, unchanged", func() {
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
		args := []string{s.environ[1][len("CHILD="):], "argv", "", " a  b ", "$HOME", "*", "--", "\n", "é\xff"}
		p := s.run("a", args...)
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(p.wrote()).To(Equal(strings.Join(args[1:], "\x00") + "\x00"))

		in := s.put("in", "from here\n", 0o644)
		p = s.startCommand(exec.Command("bash", "-c", `exec bin/supervise a -- cat < "$1"`, "-", in))
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(p.wrote()).To(Equal("from here\n"))
	})

	it("runs where standard input, output and error are closed", func() {
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
		p := s.startCommand(exec.Command("bash", "-c", `exec bin/supervise a -- bash -c "echo here > there; echo lost; exit 3" <&- >&- 2>&-`))
		Expect(p.cleanStatus()).To(Equal(3))
		Expect(p.read(s.directory + "/there")).To(Equal("here\n"))
	})

	it("takes any name", func() {
		names := []string{"a/b", "../../a", "a\nb", "--", "-", " ", "--app", "--ports", "é\x1b[31m", "$HOME", strings.Repeat("x", 5000)}
		var specs []supervision.Spec
		for _, name := range names {
			specs = append(specs, supervision.Spec{Name: name, Restart: supervision.RestartOnFailure})
		}
		s.specs(specs...)
		for i, name := range names {
			p := s.run(name, "echo it runs")
			Expect(p.cleanStatus()).To(Equal(0), "%.60q: %s", name, p.said())
			Expect(p.wrote()).To(Equal("it runs\n"))
			Expect(strings.Count(p.said(), "\n")).To(Equal(1))
			Expect(p.said()).NotTo(ContainSubstring("\x1b"))
			Expect(supervision.StatePath(s.directory, i)).To(BeAnExistingFile())
		}
	})

	it("runs with few descriptors", func() {
		at := answering(t, func() string { return ok })
		s.specs(supervision.Spec{
			Name: "a", MemoryLimit: 1 << 40, Restart: supervision.RestartOnFailure,
			Readiness: &supervision.Check{Type: supervision.CheckHTTP, Port: at}, Health: &supervision.Check{Type: supervision.CheckPort, Port: at, Interval: 1},
		})
		p := s.startCommand(exec.Command("bash", "-c", `ulimit -n 16; exec bin/supervise a -- bash -c "(setsid sleep 1000 &) ; echo up; sleep 1000"`))
		p.waitFor("up")
		Eventually(s.phase("a")).Should(Equal(supervision.PhaseReady), p.said)
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
		Expect(p.said()).To(BeEmpty())
	})

	it("runs under a supervisor", func() {
		s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40}, supervision.Spec{Name: "b", Restart: supervision.RestartOnFailure})
		p := s.run("a", "bin/supervise", "b", "--", "bash", "-c", "(setsid sleep 1000 &); echo up; sleep 1000")
		p.waitFor("up")
		p.signal(syscall.SIGTERM)
		Expect(p.cleanStatus()).To(Equal(128 + 15))
	})

	context("failure cases", func() {
		it("does not start a command without what a variable is to state for it", func() {
			s.specs(supervision.Spec{Name: "a", EnvFrom: "SIDECAR_A_ENV"})
			p := s.run("a", "echo started")
			Expect(p.cleanStatus()).To(Equal(1))
			Expect(p.said()).To(Equal("[supervise] a: its env cannot be read from SIDECAR_A_ENV: " + filepath.Join(s.directory, "bin", "sidecar-env") + " cannot be run: no such file or directory; the app's instance ends\n"))
			Expect(os.Symlink(filepath.Join(built, "sidecar-env"), filepath.Join(s.directory, "bin", "sidecar-env"))).To(Succeed())
			p = s.run("a", "echo started")
			Expect(p.cleanStatus()).To(Equal(1))
			Expect(p.said()).To(Equal(`[sidecar-env] a: SIDECAR_A_ENV is not set, and stated env of sidecar "a" at staging: set it, or stage the app again` + "\n" +
				"[supervise] a: its env cannot be read from SIDECAR_A_ENV: sidecar-env ended with status 1; the app's instance ends\n"))
			Expect(p.wrote()).To(BeEmpty())
		})

		it("says how it is used", func() {
			for _, args := range [][]string{{}, {"a"}, {"a", "--"}, {"a", "b", "c"}, {"--otel-identity", "x"}, {"--app"}, {"--app", "x"}, {"--app", "0"}, {"--app", "1", "2"}, {"--ports"}, {"--ports", "1", "2"}, {"--help"}, {"--", "a"}, {"", "--"}} {
				p := s.start(args...)
				Expect(p.cleanStatus()).To(Equal(2), "%q", args)
				Expect(p.wrote()).To(BeEmpty())
				Expect(p.said()).To(Equal(usage), "%q", args)
			}
		})

		it("says that the specs are missing, or are none", func() {
			for _, p := range []func() *process{func() *process { return s.run("a", "true") }, func() *process { return s.hold("a") }} {
				p := p()
				Expect(p.cleanStatus()).To(Equal(1))
				Expect(p.said()).To(HavePrefix("[supervise] "))
				Expect(p.said()).To(ContainSubstring("failed to read supervise.conf: open " + s.directory + "/supervise.conf: no such file or directory"))
			}
			for _, content := range []string{"null{", `{"a": 1}`, "name a\n", `restart "always"`, "name \"a\"\nmemory \"x\"\n", "name \"a\"\nother \"x\"\n", "\x00\xff\n\n"} {
				s.put(supervision.FileName, content, 0o644)
				for _, p := range []func() *process{func() *process { return s.run("a", "true") }, func() *process { return s.hold("a") }} {
					p := p()
					Expect(p.cleanStatus()).To(Equal(1))
					Expect(p.said()).To(ContainSubstring("failed to parse " + s.directory + "/supervise.conf: "))
					Expect(strings.Count(p.said(), "\n")).To(Equal(1))
				}
			}
		})

		it("says which names there are", func() {
			s.specs(supervision.Spec{Name: "a"}, supervision.Spec{Name: "b", DependsOn: []string{"z\n"}})
			p := s.run("c\n", "true")
			Expect(p.cleanStatus()).To(Equal(1))
			Expect(p.said()).To(Equal(`[supervise] c\n: found the name "c\n"; expected one of ["a" "b"]` + "\n"))
			p = s.hold("c")
			Expect(p.cleanStatus()).To(Equal(1))
			Expect(p.said()).To(Equal(`[supervise] found the name "c"; expected one of ["a" "b"], and the app waits for it; the app's instance ends` + "\n"))
			p = s.run("b", "true")
			Expect(p.cleanStatus()).To(Equal(1))
			Expect(p.said()).To(Equal(`[supervise] b: found the name "z\n"; expected one of ["a" "b"], and b needs it; the app's instance ends` + "\n"))
		})

		it("runs if it cannot publish its status", func() {
			s.put(supervision.RunDirectory, "a file", 0o644)
			var asked atomic.Bool
			at := answering(t, func() string { asked.Store(true); return ok })
			s.specs(supervision.Spec{Name: "a", Readiness: &supervision.Check{Type: supervision.CheckHTTP, Port: at, Interval: 1}})
			p := s.run("a", "echo up; read < <(sleep 1000)")
			p.waitFor("up")
			Eventually(asked.Load).Should(BeTrue()) // a supervisor that probes passes signals on
			p.signal(syscall.SIGTERM)
			Expect(p.cleanStatus()).To(Equal(128 + 15))
			Expect(p.said()).To(Equal("[supervise] a: cannot publish status: " + s.directory + "/run: found a regular file; expected a directory, and no link to one\n"))
		})

		it("runs where it may not write, as an ordinary user", func() {
			Expect(os.Mkdir(s.directory+"/run", 0o555)).To(Succeed())
			s.specs(supervision.Spec{Name: "a", MemoryLimit: 1 << 40})
			args := []string{"bin/supervise", "a", "--", shell, "-c", "exit 5"}
			if os.Getuid() == 0 { // who may write everywhere
				args = append([]string{"setpriv", "--bounding-set=-dac_override"}, args...)
			}
			p := s.startCommand(exec.Command(args[0], args[1:]...))
			Expect(p.cleanStatus()).To(Equal(5))
			Expect(p.said()).To(MatchRegexp("^\\[supervise\\] a: cannot publish status: open .*: permission denied\n$"))
		})
	})
}
