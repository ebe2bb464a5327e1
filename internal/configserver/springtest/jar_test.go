package springtest_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

func testJar(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("is the same for the same sources, and is built anew for others", func() {
		server := filepath.Join("testdata", "server")
		one, other := t.TempDir(), t.TempDir()
		Expect(os.CopyFS(one, os.DirFS(server))).To(Succeed())
		Expect(os.CopyFS(other, os.DirFS(server))).To(Succeed())
		Expect(os.Mkdir(filepath.Join(other, "target"), 0o755)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(other, "target", "made"), []byte("by Maven"), 0o644)).To(Succeed())
		jar := springtest.Jar(t, one)
		Expect(jar).To(BeARegularFile())
		Expect(springtest.Jar(t, other)).To(Equal(jar))
		Expect(filepath.Join(one, "target")).NotTo(BeADirectory())
	})
}
