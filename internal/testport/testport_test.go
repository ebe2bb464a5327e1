package testport_test

import (
	"net"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func TestTestport(t *testing.T) {
	suite := spec.New("testport", spec.Report(report.Terminal{}))
	suite("Free", testFree)
	suite.Run(t)
}

func testFree(t *testing.T, context spec.G, it spec.S) {
	it("gives ports that can be listened on, and none twice", func() {
		Expect := NewWithT(t).Expect
		seen := map[string]bool{}
		for range 200 {
			port := testport.Free(t)
			Expect(seen).NotTo(HaveKey(port))
			seen[port] = true
			listener, err := net.Listen("tcp", ":"+port)
			Expect(err).NotTo(HaveOccurred())
			Expect(listener.Close()).To(Succeed())
		}
	})
}
