package family_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
)

func testRecord(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		deps   string
	)

	it.Before(func() { deps = t.TempDir() })
	write := func(content string) {
		t.Helper()
		Expect(os.WriteFile(filepath.Join(deps, "sidecar-buildpack.yml"), []byte(content), 0o600)).To(Succeed())
	}

	it("reads what it writes", func() {
		record := family.Record{Version: 1, ID: "fork", Name: "The Fork", Sidecars: []string{"a", "yes", "performance monitor"}}
		Expect(record.Write(deps)).To(Succeed())
		Expect(family.ReadRecord(deps)).To(Equal(record))
	})

	it("knows of another version nothing but its number", func() {
		write("version: 7\nsidecars: {a: b}\n")
		Expect(family.ReadRecord(deps)).To(Equal(family.Record{Version: 7}))
	})

	context("failure cases", func() {
		it("says what cannot be read", func() {
			_, err := family.ReadRecord(deps)
			Expect(err).To(MatchError(fs.ErrNotExist))
			for _, content := range []string{"[", "version: x\n", "version: 1\nsidecars: {a: b}\n"} {
				write(content)
				_, err := family.ReadRecord(deps)
				Expect(err).To(MatchError(ContainSubstring("sidecar-buildpack.yml:")), content)
			}
		})

		it("says that it cannot be written", func() {
			Expect(family.Record{}.Write(filepath.Join(deps, "none"))).To(MatchError(ContainSubstring("failed to write sidecar-buildpack.yml: ")))
		})
	})
}
