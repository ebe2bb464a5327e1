package appstart_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
)

func testNoted(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		one    = appstart.Sidecar{Name: "a", ProcessTypes: []string{"web", "worker"}, AppEnv: []appstart.Variable{{Name: "A", Value: "it's $B"}}}
		two    = appstart.Sidecar{Name: "b", ProcessTypes: []string{"web"}, AppEnv: []appstart.Variable{{Name: "C", Value: "d", Join: appstart.Append, Separator: ":"}}}
		none   = appstart.Sidecar{Name: "c", ProcessTypes: []string{"clock"}, ProxyCommand: "c"}
	)

	it("writes what the shell of each process type evaluates, for its owner alone", func() {
		directory := t.TempDir()
		Expect(appstart.WriteNoted(directory, []appstart.Sidecar{one, two, none})).To(Succeed())
		for name, expected := range map[string]string{
			"web.sh":    appstart.Script(append(one.AppEnv, two.AppEnv...)),
			"worker.sh": "_sidecars_default A 'it'\\''s '\"${B-}\"''\n",
		} {
			path := filepath.Join(directory, appstart.NotedDirectory, name)
			Expect(os.ReadFile(path)).To(BeEquivalentTo(expected))
			info, err := os.Stat(path)
			Expect(err).NotTo(HaveOccurred())
			Expect(info.Mode()).To(Equal(fs.FileMode(0o600)))
		}
		Expect(os.ReadDir(filepath.Join(directory, appstart.NotedDirectory))).To(HaveLen(2))
	})

	it("leaves to the program what it alone can tell", func() {
		for _, other := range []appstart.Sidecar{
			{AppEnvFrom: "SIDECARS"}, {OTelIdentity: true}, {HoldApp: true}, {StopAfterApp: true}, {SignalsApp: true},
			{AppEnv: []appstart.Variable{{Name: "A", Config: "db.url"}}}, {ProcessTypes: []string{"../web"}}, {ProcessTypes: []string{`odd "type"`}}, {ProcessTypes: []string{"größe"}}, {ProcessTypes: []string{""}},
		} {
			directory := t.TempDir()
			_, ok := appstart.Noted([]appstart.Sidecar{one, other})
			Expect(ok).To(BeFalse())
			Expect(appstart.WriteNoted(directory, []appstart.Sidecar{one, other})).To(Succeed())
			Expect(os.ReadDir(directory)).To(BeEmpty())
		}
		_, ok := appstart.Noted([]appstart.Sidecar{none})
		Expect(ok).To(BeFalse(), "nothing to note")
	})

	context("failure cases", func() {
		it("says what it cannot write", func() {
			Expect(appstart.WriteNoted(filepath.Join(t.TempDir(), "missing"), []appstart.Sidecar{one})).To(MatchError(HavePrefix("failed to write app-env: ")))
		})
	})
}
