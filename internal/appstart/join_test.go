package appstart_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
)

func testSeparator(t *testing.T, _ spec.G, it spec.S) {
	it("fits the name", func() {
		for separator, names := range map[string][]string{
			":": {"PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "CLASSPATH", "MANPATH", "GEM_PATH", "RUBYLIB", "XDG_DATA_DIRS"},
			" ": {"JAVA_TOOL_OPTIONS", "NODE_OPTIONS", "RUBYOPT", "JAVA_OPTS", "MAVEN_OPTS", "GOFLAGS", "PHP_FLAGS"},
			",": {"OTEL_RESOURCE_ATTRIBUTES"},
			"":  {"MINE", "PATHS", "OPTIONS_FILE", "DEBUG", "NODE_ENV"},
		} {
			for _, name := range names {
				NewWithT(t).Expect(appstart.Separator(name)).To(Equal(separator), name)
			}
		}
	})
}
