package controller_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/quick"
	"unicode/utf8"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testDraw(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	draw := func(staged []launch.Process, app controller.App) string {
		t.Helper()
		plan, _ := controller.NewPlan(staged, app)
		var drawn bytes.Buffer
		Expect(plan.Draw(&drawn)).To(Succeed())
		return drawn.String()
	}
	app := func() controller.App {
		return controller.App{Processes: []controller.AppProcess{{Type: "web", Command: words("bin/server"), Instances: number(2)}, {Type: "worker", Memory: 512}}}
	}
	staged := []launch.Process{
		{Type: "config-server", Command: `"$DEPS_DIR/0/bin/config-server"`, Memory: 128, SidecarFor: []string{"web"}},
		{Type: "モニター", Command: "bin/monitor " + strings.Repeat("--long ", 20), Memory: 256, SidecarFor: []string{"web", "worker"}},
		{Type: "idle", Command: "sleep\n1", SidecarFor: []string{"worker"}},
	}

	it("draws a bar to scale for each process, and who has which part of it", func() {
		Expect("\n" + draw(staged, app())).To(Equal(`
web  1G, 2 instances
  [################################################aaaaaaaaabbbbbbbbbbbbbbbbbbb]
  #  640M  app                        MEMORY_LIMIT=640m
           bin/server
  a  128M  config-server (buildpack)  MEMORY_LIMIT=128m
           "$DEPS_DIR/0/bin/config-server"
  b  256M  モニター (buildpack)       MEMORY_LIMIT=256m
           bin/monitor --long --long --long --long --long --long --long --long …

worker  512M, 0 instances
  [######################################aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]
  #  256M  app                   MEMORY_LIMIT=256m
           (no command known)
  a  256M  モニター (buildpack)  MEMORY_LIMIT=256m
           bin/monitor --long --long --long --long --long --long --long --long …
  -  none  idle (buildpack)      MEMORY_LIMIT=512m
           "sleep\n1"
`))
	})

	it("marks where the process's memory ends, and says what the platform refuses", func() {
		small := app()
		small.Processes[0].Memory = 96
		small.Processes = small.Processes[:1]
		small.Sidecars = []controller.AppSidecar{{Name: "elsewhere", Command: "x", ProcessTypes: controller.TypeNames("clock")}}
		Expect("\n" + draw(staged[:1], small)).To(Equal(`
web  96M, 2 instances
  [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]
                           96M is all that the process has ^
  -  none  app
           bin/server
  a  128M  config-server (buildpack)  MEMORY_LIMIT=128m
           "$DEPS_DIR/0/bin/config-server"

Refused: The memory allocation defined is too large to run with the dependent
  "web" process (when the droplet is assigned, where the user sees a server
  error instead)
  The sidecars of the process web reserve 128M (config-server 128M), and it has
  no more than 96M, of which the app itself needs a part. Give the process more:
  memory in the app manifest, or cf push -m SIZE.
Note: Sidecar "elsewhere" runs nowhere: the app has no process of type clock; it
  has web.
`))
	})

	it("keeps to 80 columns, whatever it is to draw", func() {
		Expect(quick.Check(func(p push) bool {
			for i := range p.staged {
				p.staged[i].Command = strings.Repeat("command ", i*7)
			}
			for i := range p.app.Sidecars {
				p.app.Sidecars[i].Name += strings.Repeat(" name", i*5)
			}
			for line := range strings.Lines(draw(p.staged, p.app)) {
				if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > 80 {
					t.Log(line)
					return false
				}
				if strings.HasPrefix(line, "  [") && utf8.RuneCountInString(line) != 81 {
					t.Log(line)
					return false
				}
			}
			return true
		}, &quick.Config{MaxCount: 1000})).To(Succeed())
	})

	it("leaves no control character of a name or a command to the terminal", func() {
		evil := []launch.Process{{Type: "a\x1b[31m\nb", Command: "c\x1b]0;x\a", SidecarFor: []string{"web", "\x1b[2J"}}, {Type: "\x1b[2J", Command: "x"}}
		drawn := draw(evil, controller.App{})
		Expect(drawn).NotTo(ContainSubstring("\x1b"))
		Expect(drawn).To(ContainSubstring(`"a\x1b[31m\nb" (buildpack)`))
	})
}
