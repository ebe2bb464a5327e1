package launch_test

import (
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/shell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testSupervised(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	command := func(d sidecar.Definition) string {
		if d.Name == "" {
			d.Name = "a"
		}
		return launch.ProcessesFor([]sidecar.Definition{d}, "03")[0].Command
	}
	restarted := supervision.Spec{Restart: supervision.RestartAlways}

	it("leaves the command of a sidecar that asks for nothing as it is", func() {
		Expect(command(sidecar.Definition{Command: "bin/monitor"})).To(Equal("bin/monitor"))
		Expect(command(sidecar.Definition{Package: sidecar.Package{Executable: "bin/agent"}})).To(Equal(`"$DEPS_DIR/03/bin/agent"`))
	})

	for _, simple := range []string{
		`bin/monitor --port "$MONITOR_PORT"`, `"$DEPS_DIR/03/bin/agent"`, `./a`, `/opt/x -a=b 'c d;e' "${F} g" $H`, `bin/a  b `, `$HOME/run x,y`,
	} {
		it("writes behind the supervisor what the shell makes the same of there: "+simple, func() {
			Expect(command(sidecar.Definition{Command: simple, Supervision: restarted})).To(Equal(`"$DEPS_DIR/03/bin/supervise" a -- ` + simple))
		})
	}

	for _, line := range []string{
		"agent", "exec bin/agent", "A=1 bin/agent", "a/b=c", "bin/a; bin/b", "bin/a | bin/b", "bin/a &", "bin/a > log", "bin/a $(date)", "bin/a `date`", `bin/a "$(date)"`,
		"bin/a *", "bin/a ~", "bin/a $1", "bin/a $$", `bin/a \;`, "bin/a {b,c}", "bin/a\nbin/b", "# a/b", "! bin/a", "(bin/a)", "bin/a ${B:-c}", `bin/a "`, "bin/a 'b", " bin/a",
	} {
		it("has a shell for "+line, func() {
			Expect(command(sidecar.Definition{Command: line, Supervision: restarted})).To(Equal(`"$DEPS_DIR/03/bin/supervise" a -- bash -c ` + shell.Quote(line)))
		})
	}

	it("leaves to a shell below the supervisor what depends on what that one changes", func() {
		for _, changing := range []sidecar.Definition{{Supervision: supervision.Spec{Env: []supervision.Variable{{Name: "P"}}}}, {Supervision: supervision.Spec{WorkDir: "x"}}, {Proxy: true}} {
			changing.Command = "bin/a $P"
			Expect(command(changing)).To(Equal(`"$DEPS_DIR/03/bin/supervise" a -- bash -c 'bin/a $P'`))
			changing.Command = "bin/a b"
			Expect(command(changing)).To(Equal(`"$DEPS_DIR/03/bin/supervise" a -- bin/a b`))
		}
	})

	it("finds whose supervisor a command runs", func() {
		index, supervised := launch.SupervisorIndex(command(sidecar.Definition{Name: "it's a\nname", Command: "./c", Supervision: restarted}))
		Expect(supervised).To(BeTrue())
		Expect(index).To(Equal("03"))
		for _, other := range []string{"", "bin/a", `"$DEPS_DIR/03/bin/agent" a`, `"$DEPS_DIR/../bin/supervise" a -- b`, `x "$DEPS_DIR/03/bin/supervise" a -- b`} {
			_, supervised := launch.SupervisorIndex(other)
			Expect(supervised).To(BeFalse(), other)
		}
	})

	it("quotes names", func() {
		Expect(command(sidecar.Definition{Name: "it's $a `b`\n", Command: "./c", Supervision: restarted})).To(Equal("\"$DEPS_DIR/03/bin/supervise\" 'it'\\''s $a `b`\n' -- ./c"))
	})

	it("has the shell make of the line what it would have made of the command", func() {
		random := rand.New(rand.NewPCG(1, 2))
		pieces := []string{"./x", "a", " ", "  ", `"`, "'", "$A", "${A}", `"$A"`, "'b c'", "=", ";", "|", "\\", "*", "~", "!", "#", "(", "{", "\n", "$", "-", "/", "é", "%", "[", "&&", "$(", "`"}
		shell := func(line string) (string, bool) {
			// printf replaces the program, and shows its arguments.
			output, err := exec.Command("bash", "-c", `DEPS_DIR=/nowhere A="v w"; export DEPS_DIR A; cd /tmp; x() { :; }; `+line).CombinedOutput()
			return string(output), err == nil
		}
		compared := 0
		for range 200 {
			words := "/usr/bin/printf '<%s>' "
			for range random.IntN(6) {
				words += pieces[random.IntN(len(pieces))]
			}
			line, found := strings.CutPrefix(command(sidecar.Definition{Command: words, Supervision: restarted}), `"$DEPS_DIR/03/bin/supervise" a -- `)
			Expect(found).To(BeTrue())
			if strings.HasPrefix(line, "bash -c ") {
				continue
			}
			plain, ok := shell(words)
			supervised, okBelow := shell("/usr/bin/env " + line)
			Expect(supervised).To(Equal(plain), words)
			Expect(okBelow).To(Equal(ok), words)
			compared++
		}
		Expect(compared).To(BeNumerically(">", 20))
	})
}
