package integration_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testVersions pushes an app with this buildpack and one of the family as it was before its
// files had versions.
func testVersions(t *testing.T, context spec.G, it spec.S) {
	const prints = `echo "NEWER=${NEWER-unset} OLDER=${OLDER-unset}"; exec sleep 1000`
	directory := func() string {
		return app(t, map[string]string{
			"Procfile":     "web: echo the app; " + prints,
			"sidecars.yml": "- {name: newer, command: './newer.sh', app-env: {NEWER: newer}}\n- {name: supervised, command: ./newer.sh, restart: always, hold-app: true, stop-after-app: true}\n",
			"newer.sh":     "#!/bin/sh\n" + prints + "\n",
			"manifest.yml": "applications:\n- name: app\n  health-check-type: process\n  memory: 128M\n",
			"older.sh":     "#!/bin/sh\n" + prints + "\n",
		})
	}

	for _, order := range []struct {
		name       string
		buildpacks []string
	}{
		{"before this one", []string{"-b", buildpack("older"), "-b", "sidecar_buildpack"}},
		{"after this one", []string{"-b", "sidecar_buildpack", "-b", buildpack("older"), "-b", buildpack("profile")}},
	} {
		it("CF-15 an older version "+order.name+" tells this one's sidecars from the app, and this one the older one's", func() {
			directory := directory()
			NewWithT(t).Expect(os.Rename(filepath.Join(directory, "older.sh"), filepath.Join(directory, "older"))).To(Succeed())
			s := sidecar(t, directory, append([]string{"push"}, order.buildpacks...)...)
			s.expectLine("APP/PROC/WEB/0", "NEWER=newer OLDER=older")
			s.expectLine("APP/PROC/WEB/SIDECAR/NEWER/0", "NEWER=unset OLDER=unset")
			s.expectLine("APP/PROC/WEB/SIDECAR/SUPERVISED/0", "NEWER=unset OLDER=unset")
			s.expectLine("APP/PROC/WEB/SIDECAR/OLDER/0", "NEWER=unset OLDER=unset")
			NewWithT(t).Expect(s.log()).NotTo(ContainSubstring("[sidecars]"))
			s.stop()
		})
	}
}
