package dependency_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/dependency"
)

func testLocate(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect   = NewWithT(t).Expect
		platform string
	)
	const uri = "https://github.com/owner/agent-1.0.tgz"
	digits := strings.Repeat("ab", 32)

	it.Before(func() {
		platform = t.TempDir()
	})
	locate := func() (string, error) { return dependency.Locate(uri, "sha256:"+digits, platform) }

	it("is the URI itself where nothing else is said", func() {
		Expect(locate()).To(Equal(uri))
	})

	it("is a mirror of all hosts, or of one", func() {
		t.Setenv("BP_DEPENDENCY_MIRROR", "https://mirror.example.com/{originalHost}")
		Expect(locate()).To(Equal("https://mirror.example.com/github.com/owner/agent-1.0.tgz"))
		t.Setenv("BP_DEPENDENCY_MIRROR_GITHUB_COM", "https://user:secret@mirror.example.com/gh")
		Expect(locate()).To(Equal("https://user:secret@mirror.example.com/gh/owner/agent-1.0.tgz"))
	})

	it("is a file itself, whatever the mirror", func() {
		t.Setenv("BP_DEPENDENCY_MIRROR", "https://mirror.example.com")
		Expect(dependency.Locate("file:///agent", "sha256:"+digits, platform)).To(Equal("file:///agent"))
	})

	it("is what a bound service maps the checksum to", func() {
		t.Setenv("VCAP_SERVICES", `{"user-provided": [{"name": "m", "label": "user-provided", "credentials": {"type": "dependency-mapping", "`+digits+`": "https://mapped.example.com/agent"}}]}`)
		Expect(locate()).To(Equal("https://mapped.example.com/agent"))
	})

	it("is what a binding below the platform directory says", func() {
		binding := filepath.Join(platform, "bindings", "mirror")
		Expect(os.MkdirAll(binding, 0o755)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(binding, "type"), []byte("dependency-mirror"), 0o600)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(binding, "default"), []byte("https://mirror.example.com"), 0o600)).To(Succeed())
		Expect(locate()).To(Equal("https://mirror.example.com/owner/agent-1.0.tgz"))
	})

	context("failure cases", func() {
		it("does not print a mirror that it cannot read", func() {
			for _, mirror := range []string{"https://user:s3c%25ret@mirror.example.com", "https://user:s3cret/x@mirror.example.com"} {
				t.Setenv("BP_DEPENDENCY_MIRROR", mirror)
				_, err := locate()
				Expect(err).To(MatchError("failed to look for a mirror: its URL cannot be read"))
			}
		})

		it("refuses a mirror without https", func() {
			t.Setenv("BP_DEPENDENCY_MIRROR", "http://mirror.example.com")
			_, err := locate()
			Expect(err).To(MatchError("failed to look for a mirror: failure checking for dependency mirror: invalid mirror scheme"))
		})

		it("says what is wrong with a variable that postal takes for one of its own", func() {
			t.Setenv("MY_BP_DEPENDENCY_MIRRORS", "x")
			_, err := locate()
			Expect(err).To(MatchError(HavePrefix("the environment has a variable that looks like one of a dependency mirror and is none")))
		})
	})
}
