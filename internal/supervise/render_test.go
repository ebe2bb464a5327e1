//go:build linux

package supervise

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/render"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// testRender runs commands whose variables and files the real sidecar-render makes.
func testRender(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	text := func(text string) *string { return &text }
	it.Before(func() {
		s = newPlainSite(t)
		for _, program := range []string{"sidecar-env", "sidecar-render"} {
			Expect(os.Symlink(filepath.Join(built, program), filepath.Join(s.directory, "bin", program))).To(Succeed())
		}
		s.environ = append(s.environ, "VCAP_SERVICES_FILE_PATH="+filepath.Join(s.directory, "services"), "HOME="+s.directory, "OUTER=outer", "JAVA_TOOL_OPTIONS=-Da=b")
		s.put("services", services("first$OUTER"), 0o600)
		Expect(render.Write(s.directory, render.Document{Sidecars: []render.Spec{{
			Name: "a", Binding: &bindings.Selector{Any: "apm"},
			Env:   []render.Variable{{Name: "KEY", Binding: "key"}, {Name: "TEXT", Value: "$KEY and $OUTER in $SIDECAR_FILES"}, {Name: "OUTER", Value: "inner"}},
			Files: []render.File{{Path: "conf/f", Template: text(`{{ binding "key" }}, {{ env "OUTER" }}`)}},
		}, {Name: "inline", EnvFrom: "SIDECAR_INLINE_ENV", FilesFrom: "SIDECAR_INLINE_FILES"}}})).To(Succeed())
	})
	const tell = `echo "$KEY|$TEXT|$OUTER|$(cat "$SIDECAR_FILES/conf/f")"; `

	for _, spec := range []supervision.Spec{{Name: "a", Render: true}, {Name: "a", Render: true, Restart: supervision.RestartOnFailure}} {
		it("makes the variables, literally, and the files of a command, with restart: "+spec.Restart, func() {
			s.specs(supervision.Spec{Name: "other"}, spec)
			files := supervision.FilesPath(s.directory, 1)
			p := s.run("a", tell)
			Expect(p.cleanStatus()).To(Equal(0), p.said())
			Expect(p.wrote()).To(Equal("first$OUTER|first$OUTER and outer in " + files + "|inner|first$OUTER, inner\n"))
			info, err := os.Stat(filepath.Join(files, "conf/f"))
			Expect(err).NotTo(HaveOccurred())
			Expect(info.Mode()).To(BeEquivalentTo(0o600))
		})
	}

	it("makes them anew before each start", func() {
		s.specs(supervision.Spec{Name: "a", Render: true, Restart: supervision.RestartAlways})
		p := s.run("a", tell+"sleep 1000")
		Eventually(p.wrote).Should(HavePrefix("first$OUTER|"))
		s.put("services", services("second"), 0o600)
		Expect(syscall.Kill(-s.pid("a"), syscall.SIGKILL)).To(Succeed())
		Eventually(p.wrote).Should(HaveSuffix("second|second and outer in " + supervision.FilesPath(s.directory, 0) + "|inner|second, inner\n"))
		p.signal(syscall.SIGTERM)
		p.cleanStatus()
	})

	it("has what a variable of the environment states, and no droplet may hold", func() {
		s.environ = append(s.environ, `SIDECAR_INLINE_ENV={A: "$OUTER", K: {binding: key, of: apm}}`, "SIDECAR_INLINE_FILES={f: \"{{ env `A` }}\"}")
		s.specs(supervision.Spec{Name: "inline", Render: true})
		p := s.run("inline", `echo "$A|$K|$(cat "$SIDECAR_FILES/f")"`)
		Expect(p.cleanStatus()).To(Equal(0), p.said())
		Expect(p.wrote()).To(Equal("outer|first$OUTER|outer\n"))
	})

	it("has the limits of its runtimes kept where a rendered variable bears on them", func() {
		script, err := os.ReadFile("../../supply/" + limitsScript)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.MkdirAll(filepath.Join(s.directory, "profile.d"), 0o755)).To(Succeed())
		s.put(limitsScript, string(script), 0o600)
		s.environ = append(s.environ, "MEMORY_LIMIT=64m", "GOMEMLIMIT=")
		Expect(render.Write(s.directory, render.Document{Sidecars: []render.Spec{{Name: "a", Env: []render.Variable{{Name: "NODE_OPTIONS", Value: "--require ./x.js"}}}}})).To(Succeed())
		s.specs(supervision.Spec{Name: "a", Render: true})
		p := s.run("a", `echo "$NODE_OPTIONS"`)
		Expect(p.cleanStatus()).To(Equal(0), p.said())
		Expect(p.wrote()).To(MatchRegexp(`^--max-old-space-size=\d+ --require ./x.js\n$`))
	})

	context("failure cases", func() {
		it("does not start a command without them, says why, and quotes no value", func() {
			s.put("services", strings.Replace(services("s3cret"), `"key"`, `"other"`, 1), 0o600)
			for _, spec := range []supervision.Spec{{Name: "a", Render: true}, {Name: "a", Render: true, Readiness: &supervision.Check{Type: supervision.CheckProcess}}} {
				s.specs(spec)
				p := s.run("a", "echo started")
				Expect(p.cleanStatus()).To(Equal(1))
				Expect(p.wrote()).To(BeEmpty())
				Expect(p.said()).To(And(
					HavePrefix(`[sidecar-render] a: env: KEY: found no key "key" in the credentials of the service "apm"; expected one, or a default`+"\n"),
					ContainSubstring("its variables and files cannot be made from bound services: sidecar-render ended with status 1; the app's instance ends"),
					Not(ContainSubstring("s3cret"))))
			}
		})

		it("tries again as restart says, until the service is there", func() {
			s.put("services", "{}", 0o600)
			s.specs(supervision.Spec{Name: "a", Render: true, Restart: supervision.RestartOnFailure})
			p := s.run("a", tell+"sleep 1000")
			Eventually(p.said).Should(ContainSubstring("could not be started: its variables and files cannot be made from bound services: sidecar-render ended with status 1; it is started again in "))
			s.put("services", services("back"), 0o600)
			Eventually(p.wrote).Should(HavePrefix("back|"))
			p.signal(syscall.SIGTERM)
			p.cleanStatus()
		})

		it("says that the program is not there", func() {
			Expect(os.Remove(filepath.Join(s.directory, "bin/sidecar-render"))).To(Succeed())
			s.specs(supervision.Spec{Name: "a", Render: true})
			p := s.run("a", "true")
			Expect(p.cleanStatus()).To(Equal(1))
			Expect(p.said()).To(ContainSubstring(filepath.Join(s.directory, "bin/sidecar-render") + " cannot be run: no such file or directory; the app's instance ends"))
		})
	})
}

// services are those of a file that the platform writes.
func services(key string) string {
	return `{"user-provided": [{"name": "apm", "credentials": {"key": "` + key + `"}}]}`
}
