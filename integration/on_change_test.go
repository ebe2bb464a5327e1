package integration_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// testOnChange has the real config-server tell the app that a git repository has changed.
func testOnChange(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		repository string
	)

	commit := func(content string) {
		t.Helper()
		Expect(os.WriteFile(filepath.Join(repository, "application.yml"), []byte(content), 0o644)).To(Succeed())
		for _, args := range [][]string{{"init", "--quiet", "--initial-branch=main"}, {"add", "--all"}, {"commit", "--quiet", "--message=change"}} {
			command := exec.Command("git", args...)
			command.Dir = repository
			command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
				"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.com", "GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.com")
			output, err := command.CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
		}
	}
	// pushed is an app with a config-server, and with another sidecar, which SIGHUP would end.
	pushed := func(onChange string, files map[string]string) *session {
		t.Helper()
		files["sidecars.yml"] = "- {name: config-server, on-change: " + onChange + "}\n- {name: other, memory: 8M, command: exec sleep 1000}\n"
		port := testport.Free(t)
		files["manifest.yml"] = "applications: [{name: app, health-check-type: process, env: {CONFIG_SERVER_PORT: " + port +
			", CONFIG_SERVER_INTERVAL: 1, CONFIG_SERVER_GIT_URI: 'file://" + repository + "'}}]"
		s := sidecar(t, app(t, files), "push", "-b", "sidecar_buildpack")
		// The first configuration is not a change.
		NewWithT(t).Eventually(func() (string, error) { return get("http://127.0.0.1:" + port + "/config/a") }).Should(Equal("1"), s.log)
		return s
	}

	it.Before(func() {
		need(t, "git")
		var err error
		repository, err = os.MkdirTemp("", "repository") // the name of the spec is not part of a URI
		Expect(err).NotTo(HaveOccurred())
		t.Cleanup(func() { Expect(os.RemoveAll(repository)).To(Succeed()) })
		commit("a: 1\n")
	})

	it("sends the app's program the signal, and neither its shell nor other sidecars", func() {
		s := pushed("{signal: HUP}", map[string]string{
			"Procfile":   "web: ./start.sh",
			"start.sh":   "#!/bin/bash\n./program.sh\necho the program has ended\n",
			"program.sh": "#!/bin/bash\ntrap 'echo told' HUP\necho up\nwhile true; do sleep 0.1; done\n",
		})
		s.expectLine("APP/PROC/WEB/0", "up")
		Expect(s.log()).NotTo(ContainSubstring("told"))
		for _, content := range []string{"a: 2\n", "a: 3\n"} {
			before := len(s.log())
			commit(content)
			NewWithT(t).Eventually(func() string { return s.log()[before:] }).Should(And(
				ContainSubstring("["+sidecarSource("config-server")+"] OUT The configuration has changed: sent SIGHUP to the app."), ContainSubstring("[APP/PROC/WEB/0] OUT told")), s.log)
		}
		Expect(s.log()).NotTo(Or(ContainSubstring("the program has ended"), ContainSubstring("crashed")))
		s.stop()
	})

	it("sends the app a request, at its own port", func() {
		need(t, "python3")
		s := pushed("{post: /actuator/refresh}", map[string]string{
			"Procfile": "web: python3 -u server.py",
			"server.py": "import http.server, os\nclass Handler(http.server.BaseHTTPRequestHandler):\n" +
				"  def do_POST(self):\n    print('asked', self.command, self.path, 'of', self.headers['Host'])\n    self.send_response(204)\n    self.end_headers()\n" +
				"server = http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler)\nprint('up at', os.environ['PORT'])\nserver.serve_forever()\n",
		})
		s.expectLine("APP/PROC/WEB/0", "up at ")
		commit("a: 2\n")
		s.expectLine("APP/PROC/WEB/0", "asked POST /actuator/refresh of 127.0.0.1:")
		s.expectLine(sidecarSource("config-server"), "The configuration has changed: the app answered 204 No Content.")
		s.stop()
	})
}
