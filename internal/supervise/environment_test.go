//go:build linux

package supervise

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testEnvironment(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		environ = environment{"A=a", "PATH=/bin", "TWICE=1", "EMPTY=", "_9=nine", "DOLLAR=$A", "EQUALS=x=y", "TWICE=2"}
	)

	it("lets each variable refer to those before it", func() {
		Expect(environment{"A=a", "B=old"}.with([]supervision.Variable{{Name: "B", Value: "$A-$C-$B"}, {Name: "C", Value: "${B}!"}, {Name: "A", Value: "$A$A"}})).To(
			Equal(environment{"B=a--old", "C=a--old!", "A=aa"}))
	})

	it("sets a variable once, and leaves those alone whose names begin alike", func() {
		Expect(environ.set("TWICE", "3")).To(Equal(environment{"A=a", "PATH=/bin", "EMPTY=", "_9=nine", "DOLLAR=$A", "EQUALS=x=y", "TWICE=3"}))
		Expect(environment{"AB=1", "A=2"}.set("A", "$A")).To(Equal(environment{"AB=1", "A=$A"}))
		Expect(environ.lookup("TWICE")).To(Equal("2"), "it is not changed itself")
	})
}
