package platform_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/celltest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/droplets"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
)

func testPlatform(t *testing.T, _ spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
	)

	it("stages an app, runs its droplet, shows how it is, and leaves nothing", func() {
		self, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		p := platform.New(celltest.Lifecycle(t), self, stage.Builtin{}, []string{"PATH=" + os.Getenv("PATH")}, t.TempDir())
		log, written := celltest.NewLog()

		app := push.NewApplication("app")
		app.Path, app.Stack = t.TempDir(), push.DefaultStack
		platformtest.WriteFile(t, filepath.Join(app.Path, "Procfile"), "web: trap exit TERM; echo up; sleep 1000 & wait\n", 0o644)
		app.HealthChecks["web"] = push.HealthCheck{Type: push.HealthCheckProcess}
		buildpack := t.TempDir()
		for name, script := range map[string]string{"supply": "", "finalize": "", "release": "echo '{}'"} {
			platformtest.WriteFile(t, filepath.Join(buildpack, "bin", name), "#!/bin/sh\n"+script+"\n", 0o755)
		}
		app.Buildpacks = []string{buildpack}
		droplet := droplets.Droplet(t.TempDir())
		Expect(p.Stage(t.Context(), app, droplet, log)).To(Succeed(), written.String())
		plan, err := droplet.Plan(app)
		Expect(err).NotTo(HaveOccurred())

		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx, app, plan, droplet, 0, log) }()
		Eventually(written.Unstamped).Should(ContainSubstring("[APP/PROC/WEB/0] OUT up\n"))
		Expect(p.Running()).To(ConsistOf(HaveField("Name", "app")))
		stop()
		Eventually(ended).Should(Receive(BeNil()))
		Expect(p.Running()).To(BeEmpty())
		p.Close()
		Expect(os.ReadDir(p.TempDir)).To(BeEmpty())
	})
}
