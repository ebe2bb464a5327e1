//go:build linux

package supervise

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

// testValues runs commands whose declaration uses a variable that holds a secret, as one with
// the credential of a bound service does, wherever a variable may be used. Neither the log nor
// the state, which sidecar ps shows, has the value.
func testValues(t *testing.T, _ spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		s          *site
	)

	const secret = "S3CRET!1/x y"
	it.Before(func() { s = newSite(t) })

	check := func(c supervision.Check) *supervision.Check {
		c.InvocationTimeout = 60
		return &c
	}
	with := func(spec supervision.Spec, value string) supervision.Spec {
		spec.Name, spec.Env = "a", []supervision.Variable{{Name: "KEY", Value: value, Literal: true}}
		return spec
	}
	// told is all that the supervisor tells.
	told := func(p *process) string {
		state := ""
		if content, err := os.ReadFile(supervision.StatePath(s.directory, 0)); err == nil {
			state = string(content)
		}
		return p.said() + state
	}

	port, http := supervision.CheckPort, supervision.CheckHTTP
	for what, one := range testtable.Sorted(map[string]struct {
		spec     supervision.Spec
		value    string
		expected string
	}{
		"a port":                        {supervision.Spec{Readiness: check(supervision.Check{Type: port, Port: "$KEY"})}, secret, "the value of port $KEY is not a port; expected a number from 1 to 65535"},
		"the port of an HTTP check":     {supervision.Spec{Health: check(supervision.Check{Type: http, Port: "${KEY}"})}, secret, "the value of port ${KEY} is not a port; expected a number from 1 to 65535"},
		"a socket":                      {supervision.Spec{Readiness: check(supervision.Check{Type: port, Socket: "$KEY"})}, secret, "socket $KEY: there is none"},
		"a socket with more in it":      {supervision.Spec{Readiness: check(supervision.Check{Type: port, Socket: "@x-$KEY"})}, secret, "socket @x-$KEY: connection refused"},
		"the socket of an HTTP check":   {supervision.Spec{Readiness: check(supervision.Check{Type: http, Socket: "run/$KEY", Endpoint: "/up"})}, secret, "GET /up at the socket run/$KEY: there is none"},
		"a socket below a file":         {supervision.Spec{Readiness: check(supervision.Check{Type: port, Socket: "/dev/null/$KEY"})}, secret, "socket /dev/null/$KEY: not a directory"},
		"a socket that is too long":     {supervision.Spec{Readiness: check(supervision.Check{Type: port, Socket: "$KEY"})}, strings.Repeat(secret, 10), "the socket $KEY has a path of "},
		"a header of several lines":     {supervision.Spec{Readiness: check(supervision.Check{Type: http, Port: "1", Headers: []supervision.Variable{{Name: "X-Key", Value: "$KEY"}}})}, secret + "\n", "the value of the header X-Key has more than one line, or a NUL"},
		"a directory with a supervisor": {supervision.Spec{WorkDir: "$KEY", Restart: supervision.RestartAlways}, secret, "the directory $KEY cannot be entered: no such file or directory"},
		"a directory without one":       {supervision.Spec{WorkDir: "/none/${KEY}"}, secret, "the directory /none/${KEY} cannot be entered: no such file or directory"},
		"a directory below a file":      {supervision.Spec{WorkDir: "/dev/null/$KEY", Restart: supervision.RestartAlways}, secret, "the directory /dev/null/$KEY cannot be entered: not a directory"},
	}) {
		it("quotes "+what+" as it is declared, and not with the variable's value", func() {
			s.specs(with(one.spec, one.value))
			p := s.run("a", "exec sleep 1000")
			Eventually(func() string { return told(p) }).Should(ContainSubstring(one.expected))
			Expect(told(p)).NotTo(ContainSubstring("S3CRET"))
			_ = p.Process.Signal(syscall.SIGTERM) // some end by themselves
			p.cleanStatus()
			Expect(told(p)).NotTo(ContainSubstring("S3CRET"))
		})
	}

	it("quotes a file that is watched as it is declared, and not with the variable's value", func() {
		file := "S3CRET"
		s.put(file, "one", 0o644)
		spec := with(supervision.Spec{Reload: &supervision.Reload{On: []string{"$KEY", "none/$KEY"}, Restart: true}}, file)
		s.specs(spec)
		p := s.run("a", "echo run; exec sleep 1000")
		p.waitFor("run")
		s.put(file, "two", 0o644)
		Eventually(func() string { return told(p) }).Should(ContainSubstring("$KEY changed; it is stopped and started again"))
		Expect(told(p)).NotTo(ContainSubstring("S3CRET"))
		p.signal(syscall.SIGTERM)
		p.cleanStatus()
		Expect(told(p)).NotTo(ContainSubstring("S3CRET"))
	})

	it("quotes the reason why the kernel tells of no changes without the path that it is for", func() {
		var said []string
		w := newFileWatch([]string{"$KEY"}, func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) })
		Expect(os.Mkdir(s.directory+"/S3CRET", 0o755)).To(Succeed())
		w.aim(environment{"KEY=" + s.directory + "/S3CRET"}, "")
		var err error
		w.notifier.file, err = os.Open(os.DevNull) // to which the kernel adds no watch
		Expect(err).NotTo(HaveOccurred())
		w.look()
		Expect(said).To(ConsistOf(And(HavePrefix("looks at its files every 10s, since the kernel does not tell of changes (invalid argument)"), Not(ContainSubstring("S3CRET")))))
	})
}
