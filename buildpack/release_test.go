package buildpack_test

import (
	"bytes"
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	lifecycleyaml "gopkg.in/yaml.v2"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
)

// full is a writer whose disk is full.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func testRelease(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
	)

	it("CF-09 prints nothing but what the lifecycle reads", func() {
		Expect(buildpack.Release([]string{"bin/release", "app"}, nil, &stdout, &stderr)).To(Equal(0))
		var release struct {
			DefaultProcessTypes map[string]string `yaml:"default_process_types"`
		}
		Expect(lifecycleyaml.UnmarshalStrict(stdout.Bytes(), &release)).To(Succeed())
		Expect(release.DefaultProcessTypes).To(BeEmpty())
		Expect(stderr.String()).To(Equal("-----> This buildpack adds no process of its own\n"))
	})

	context("failure cases", func() {
		it("CF-01 says how it is called", func() {
			Expect(buildpack.Release([]string{"bin/release"}, nil, &stdout, &stderr)).To(Equal(2))
			Expect(stderr.String()).To(Equal("usage: bin/release BUILD_DIR\n"))
			Expect(stdout.String()).To(BeEmpty())
		})

		it("CF-11 exits with 224 if its output cannot be written", func() {
			Expect(buildpack.Release([]string{"bin/release", "app"}, nil, full{}, &stderr)).To(Equal(224))
			Expect(stderr.String()).To(HaveSuffix("**ERROR**\x1b[0m no space left on device\n"))
		})
	})
}
