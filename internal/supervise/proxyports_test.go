//go:build linux

package supervise

import (
	"fmt"
	"os/exec"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testProxyPorts(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		said   []string
	)
	warn := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }

	it.Before(func() { said = nil })

	it("gives a proxy its own port and the one behind it, and nothing of the list", func() {
		Expect(environment{"PORT=28080", "A=28080", "_SIDECARS_PROXY_PORTS=8080 18080 28080"}.withProxyPorts(warn)).To(
			Equal(environment{"A=28080", "PORT=8080", "APP_PORT=18080"}))
		Expect(said).To(BeEmpty())
	})

	it("has other variables with the port of the app follow, and leaves alone those that name another", func() {
		Expect(environment{"PORT=18080", "SERVER_PORT=18080", "VCAP_APP_PORT=18080", "_SIDECARS_PROXY_PORTS=8080 18080"}.withProxyPorts(warn)).To(
			ConsistOf("PORT=8080", "APP_PORT=18080", "SERVER_PORT=8080", "VCAP_APP_PORT=8080"))
		Expect(environment{"PORT=18080", "SERVER_PORT=9000", "_SIDECARS_PROXY_PORTS=8080 18080"}.withProxyPorts(warn)).To(
			ConsistOf("PORT=8080", "APP_PORT=18080", "SERVER_PORT=9000"))
		Expect(environment{"SERVER_PORT=", "_SIDECARS_PROXY_PORTS=8080 18080"}.withProxyPorts(warn)).To(
			ConsistOf("PORT=8080", "APP_PORT=18080", "SERVER_PORT="))
	})

	it("changes nothing for what is not a proxy", func() {
		Expect(environment{"PORT=18080", "APP_PORT=1"}.withProxyPorts(warn)).To(Equal(environment{"PORT=18080", "APP_PORT=1"}))
	})

	it("starts and probes a proxy on its own port, even if a profile script has started processes before", func() {
		for _, before := range []string{"", "sleep 1000 & "} {
			s := newSite(t)
			s.specs(supervision.Spec{Name: "front", Env: []supervision.Variable{{Name: "LISTEN", Value: ":$PORT"}}, Readiness: &supervision.Check{Type: supervision.CheckPort, Port: "$PORT"}, Timeout: 60})
			port := answering(t, func() string { return ok })
			s.environ = append(s.environ, "PORT=9", supervision.ProxyPorts+"="+port+" 9")
			p := s.startCommand(exec.Command(shell, "-c", before+`exec "$0" front -- `+shell+` -c 'echo "$LISTEN $APP_PORT $(env | grep -c _SIDECARS)"; exec sleep 1000'`, s.directory+"/bin/supervise"))
			NewWithT(t).Eventually(s.phase("front")).Should(Equal(supervision.PhaseReady), p.said)
			p.waitFor(":" + port + " 9 0")
			p.signal(syscall.SIGTERM)
			p.status()
		}
	})

	context("failure cases", func() {
		for list, problem := range testtable.Sorted(map[string]string{
			"":       "found 0 ports; expected a proxy's own and the one behind it",
			"8080":   "found 1 ports; expected a proxy's own and the one behind it",
			"8080 x": `found the port "x"; expected a number from 1 to 65535`,
			"0 1":    `found the port "0"; expected a number from 1 to 65535`,
		}) {
			it("ignores the list "+list+", and says why", func() {
				Expect(environment{"_SIDECARS_PROXY_PORTS=" + list, "PORT=18080"}.withProxyPorts(warn)).To(Equal(environment{"PORT=18080"}))
				Expect(said).To(Equal([]string{"ignored the ports in _SIDECARS_PROXY_PORTS: " + problem}))
			})
		}
	})
}
