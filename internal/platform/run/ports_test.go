package run

import (
	"fmt"
	"net"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testPorts(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		given  *ports
	)

	it.Before(func() {
		given = &ports{}
	})

	it.After(func() {
		given.close()
	})

	// listen holds a port until the end of the test.
	listen := func(address string) int {
		listener, err := net.Listen("tcp", address)
		Expect(err).NotTo(HaveOccurred())
		t.Cleanup(func() { listener.Close() })
		return listener.Addr().(*net.TCPAddr).Port
	}

	it("gives the first instance the port that is wanted, and others any", func() {
		wanted, err := free(0)
		Expect(err).NotTo(HaveOccurred())
		Expect(given.assign(wanted, true)).To(Equal(wanted))
		Expect(given.assign(wanted, false)).NotTo(Equal(wanted))
	})

	it("gives the first instance the default port if it is free, and else any", func() {
		_, err := given.take(DefaultPort)
		isFree := err == nil
		given.close()
		first, err := given.assign(0, true)
		Expect(err).NotTo(HaveOccurred())
		if isFree {
			Expect(first).To(Equal(DefaultPort))
		}
		other := &ports{}
		defer other.close()
		Expect(other.assign(0, true)).To(And(BeNumerically(">", 0), Not(Equal(DefaultPort))), "another run of the program has claimed it")
	})

	it("gives no port twice", func() {
		seen := map[int]bool{}
		for range 100 {
			port, err := given.assign(0, len(seen) == 0)
			Expect(err).NotTo(HaveOccurred())
			Expect(seen).NotTo(HaveKey(port))
			seen[port] = true
		}
	})

	it("gives the first instance the port that was reserved for it, and no other", func() {
		p := newRunner(t)
		port, err := free(0)
		Expect(err).NotTo(HaveOccurred())
		Expect(p.ReservePort(port)).To(Succeed())
		Expect(p.ReservePort(port)).To(MatchError(fmt.Sprintf("port %d is not free: another instance, or another run of sidecar, has been given the port", port)))
		_, err = given.assign(port, true)
		Expect(err).To(MatchError(errPortGiven), "another run's")
		Expect(p.ports.assign(port, true)).To(Equal(port))
		_, err = p.ports.assign(port, true)
		Expect(err).To(MatchError(errPortGiven))
	})

	context("failure cases", func() {
		for _, address := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::]:0", "[::1]:0"} {
			it("says that the wanted port is taken at "+address, func() {
				port := listen(address)
				_, err := given.assign(port, true)
				Expect(err).To(MatchError(MatchRegexp(`^another program listens at (127\.0\.0\.1|\[::1\]):%d$`, port)))
			})
		}

		it("says that the wanted port is taken at another address than those that it tries", func() {
			port := listen("127.0.0.2:0")
			_, err := given.assign(port, true)
			Expect(err).To(MatchError(fmt.Sprintf("another program listens at 127.0.0.2:%d", port)))
		})

		it("says that another instance has it", func() {
			port, err := given.assign(0, false)
			Expect(err).NotTo(HaveOccurred())
			_, err = given.assign(port, true)
			Expect(err).To(MatchError(ContainSubstring("another instance, or another run of sidecar, has been given the port")))
		})

		for _, port := range []int{-1, 65536, 1 << 40} {
			it(fmt.Sprintf("refuses %d, which is not a port", port), func() {
				_, err := given.assign(port, true)
				Expect(err).To(MatchError(fmt.Sprintf("listen tcp4 127.0.0.1:%d: bind: invalid argument", port)))
			})
		}
	})
}
