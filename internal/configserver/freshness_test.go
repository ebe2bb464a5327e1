package configserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// testFreshness runs the program with a real git server. How often it polls is a matter of keep's specs, which have
// a clock of their own; here, the order of events counts, and not how long they take.
func testFreshness(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
	)

	it("answers a waiting request with a change at the source after a single poll", func() {
		repository := newGitBackend(t)
		repository.Commit(map[string]string{"application.yml": "key: before\n"})
		gate := &pollGate{backend: repository.git, open: make(chan struct{})}
		server := httptest.NewServer(gate)
		defer server.Close()
		defer gate.release()

		program, err := gexec.Build("github.com/cloudfoundry-community/sidecar-buildpack/cmd/config-server")
		Expect(err).NotTo(HaveOccurred())
		defer gexec.CleanupBuildArtifacts()
		port := testport.Free(t)
		command := exec.Command(program)
		command.Env = []string{"CONFIG_SERVER_PORT=" + port, "CONFIG_SERVER_GIT_URI=" + server.URL + "/repo", "CONFIG_SERVER_INTERVAL=1", "CONFIG_SERVER_KEEP=off"}
		session, err := gexec.Start(command, nil, nil)
		Expect(err).NotTo(HaveOccurred())
		defer func() { <-session.Kill().Exited }()
		Eventually(session, "1m").Should(gbytes.Say("Listening on"))
		var tag string
		Eventually(func() string {
			response, body := (&running{port: port}).request(t, http.MethodGet, "/config/key")
			tag = strings.Trim(response.Header.Get("ETag"), `"`)
			return body
		}, "2m").Should(Equal("before"))

		answered := make(chan string, 1)
		go func() {
			response, err := http.Get("http://127.0.0.1:" + port + "/config/key?wait=5m&since=" + tag)
			if err != nil {
				answered <- err.Error()
				return
			}
			defer response.Body.Close()
			body, _ := io.ReadAll(response.Body)
			answered <- response.Status + " " + string(body)
		}()
		gate.closeAfterPoll(func() { repository.Commit(map[string]string{"application.yml": "key: after\n"}) })
		Eventually(answered, "4m").Should(Receive(Equal("200 OK after")))
	})
}

// listsOfAPoll is how often a poll that finds a change lists the branches: to look for it, and to fetch it.
const listsOfAPoll = 2

// A pollGate is in front of a git server, and can stop it from listing its branches.
type pollGate struct {
	backend http.Handler
	open    chan struct{} // closed by release

	mutex   sync.Mutex // held while the branches are listed
	closing bool
	left    int // how often the branches are listed until the gate is closed
}

// closeAfterPoll does something while no branches are listed. After that, one poll succeeds, and all others wait.
func (g *pollGate) closeAfterPoll(do func()) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	do()
	g.closing, g.left = true, listsOfAPoll
}

func (g *pollGate) release() { close(g.open) }

func (g *pollGate) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	if !strings.HasSuffix(request.URL.Path, "/info/refs") {
		g.backend.ServeHTTP(response, request)
		return
	}
	if g.list(response, request) {
		return
	}
	select {
	case <-g.open:
	case <-request.Context().Done():
	}
}

// list lists the branches, unless the gate is closed.
func (g *pollGate) list(response http.ResponseWriter, request *http.Request) bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.closing && g.left == 0 {
		return false
	}
	g.left--
	g.backend.ServeHTTP(response, request)
	return true
}
