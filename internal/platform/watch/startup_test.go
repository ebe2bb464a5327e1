package watch

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testStartup(t *testing.T, _ spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	it("says what an instance waits for, and what the last probe found", func() {
		w := &Startup{Process: "web/0", Root: t.TempDir()}
		Expect(w.String()).To(Equal("Waiting for web/0 to become healthy"))

		for _, name := range []string{"config", "gateway", "agent", "late"} {
			w.Sidecars = append(w.Sidecars, controller.PlannedSidecar{Name: name, Command: launch.SupervisorPrefix(name, "0") + " ./" + name})
		}
		directory := filepath.Join(w.Root, "deps", "0")
		Expect(os.MkdirAll(directory, 0o755)).To(Succeed())
		probe := &supervision.Check{Type: supervision.CheckPort}
		Expect(supervision.Write(directory, []supervision.Spec{
			{Name: "config", Readiness: probe}, {Name: "gateway", DependsOn: []string{"config"}}, {Name: "agent", Readiness: probe}, {Name: "late", Readiness: probe},
		})).To(Succeed())
		for i, state := range []supervision.State{
			{Name: "config", Phase: supervision.PhaseStarting, LastError: "port 8082: connection\nrefused"},
			{Name: "gateway", Phase: supervision.PhaseWaiting},
			{Name: "agent", Phase: supervision.PhaseReady},
		} {
			content, err := json.Marshal(state)
			Expect(err).NotTo(HaveOccurred())
			platformtest.WriteFile(t, filepath.Join(directory, supervision.RunDirectory, strconv.Itoa(i)+".json"), string(content), 0o644)
		}
		w.Found(errors.New("port 8080: connection refused"))
		Expect(w.String()).To(Equal(`Waiting for web/0 to become healthy: sidecar "config" is starting (port 8082: connection_refused); ` +
			`sidecar "gateway" waits for "config"; sidecar "late" is starting; health check: port 8080: connection refused`))
		w.Found(nil)
		Expect(w.String()).NotTo(ContainSubstring("health check"))
	})
}
