package appstart_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
)

func TestAppStart(t *testing.T) {
	suite := spec.New("appstart", spec.Report(report.Terminal{}))
	suite("File", testFile)
	suite("Noted", testNoted)
	suite("Separator", testSeparator)
	suite.Run(t)
}

func testFile(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string
	)

	it.Before(func() { directory = t.TempDir() })

	it("is read as it was written, by its owner alone", func() {
		sidecars := []appstart.Sidecar{
			{
				Name: "a\n\"é", ProcessTypes: []string{"web", `odd "type"`}, HoldApp: true, StopAfterApp: true,
				AppEnv: []appstart.Variable{{Name: "A", Value: "<$B> 'c'\x01"}, {Name: "B"}},
			},
			{Name: "b", ProcessTypes: []string{"web"}, AppEnvFrom: "SIDECARS", ProxyCommand: `"$DEPS_DIR/0/bin/supervise" b -- `},
		}
		Expect(appstart.Write(directory, sidecars)).To(Succeed())
		Expect(appstart.Read(directory)).To(Equal(sidecars))
		info, err := os.Stat(filepath.Join(directory, appstart.FileName))
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Mode()).To(Equal(fs.FileMode(0o600)))
		Expect(os.ReadFile(filepath.Join(directory, appstart.FileName))).To(ContainSubstring(`"version": 1,`))
	})

	it("asks something of the app for all but a proxy", func() {
		for _, s := range []appstart.Sidecar{{AppEnv: []appstart.Variable{{}}}, {AppEnvFrom: "A"}, {OTelIdentity: true}, {HoldApp: true}, {StopAfterApp: true}, {SignalsApp: true}} {
			Expect(s.AsksApp()).To(BeTrue())
		}
		Expect(appstart.Sidecar{Name: "a", ProcessTypes: []string{"web"}, ProxyCommand: "b"}.AsksApp()).To(BeFalse())
	})

	context("failure cases", func() {
		it("says what it cannot read or write, and quotes nothing of it", func() {
			path := filepath.Join(directory, appstart.FileName)
			_, err := appstart.Read(directory)
			Expect(err).To(MatchError(fs.ErrNotExist))
			for content, problem := range map[string]string{
				"":                            "failed to parse " + path + ": found no JSON object of a version and sidecars",
				"[s3cret]":                    "failed to parse " + path + ": found no JSON object of a version and sidecars",
				`{"version":1,"sidecars":{}}`: "failed to parse " + path + ": found no list of sidecars",
				`{"version":3}`:               path + ": found version 3; expected 1, which this buildpack writes: stage the app again",
			} {
				Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed())
				_, err = appstart.Read(directory)
				Expect(err).To(MatchError(problem), content)
			}
			Expect(os.Remove(path)).To(Succeed())
			Expect(os.Mkdir(path, 0o755)).To(Succeed())
			_, err = appstart.Read(directory)
			Expect(err).To(MatchError(ContainSubstring("found a directory; expected a regular file")))
			Expect(appstart.Write(directory, nil)).To(MatchError(HavePrefix("failed to write app-start.json: ")))
		})
	})
}
