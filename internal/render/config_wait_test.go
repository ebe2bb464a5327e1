package render

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testConfigWait(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	it("says why config-server is not ready in time", func() {
		c := configurationOf([]string{"CONFIG_SERVER_PORT=" + testport.Free(t)})
		c.wait = time.Millisecond
		_, err := c.value(stated("a"))
		Expect(err).To(MatchError(MatchRegexp(`^config-server is not ready after 1ms: dial tcp 127\.0\.0\.1:\d+: connect: connection refused$`)))
	})
}
