package configserver_test

import (
	"net"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testPort(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("listens on 127.0.0.1 and nowhere else", func() {
		server := start(t)
		defer server.stop(t)

		connection, err := net.Dial("tcp", "127.0.0.1:"+server.port)
		Expect(err).NotTo(HaveOccurred())
		Expect(connection.Close()).To(Succeed())

		// A listener on every address would take this connection.
		_, err = net.Dial("tcp", "127.0.0.2:"+server.port)
		Expect(err).To(MatchError(syscall.ECONNREFUSED))

		_, err = net.Dial("tcp", "[::1]:"+server.port)
		Expect(err).To(HaveOccurred())
	})

	it("can have its port again at once after a stop", func() {
		server := start(t)
		server.request(t, "GET", "/config/")
		server.stop(t)

		listener, err := net.Listen("tcp4", "127.0.0.1:"+server.port)
		Expect(err).NotTo(HaveOccurred())
		Expect(listener.Close()).To(Succeed())
	})

	context("failure cases", func() {
		it("refuses to guess a missing port", func() {
			expected := "CONFIG_SERVER_PORT is not set: set it in the app's environment to the port to listen on, for example CONFIG_SERVER_PORT=8082"
			Expect(fail(t)).To(MatchError(expected))
			Expect(fail(t, "PORT=8080", "CONFIG_SERVER_PORT=")).To(MatchError(expected))
		})

		for _, value := range []string{"0", "65536", "-1", "+1", "8082.0", " 8082", "http", "0x1f92", "99999999999999999999"} {
			it("refuses "+value, func() {
				Expect(fail(t, "CONFIG_SERVER_PORT="+value)).To(MatchError(`CONFIG_SERVER_PORT is "` + value + `", which is not a port: set it to a whole number from 1 to 65535, for example CONFIG_SERVER_PORT=8082`))
			})
		}

		for _, address := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
			it("says that the port is taken by a listener on "+address, func() {
				taken, err := net.Listen("tcp4", address)
				Expect(err).NotTo(HaveOccurred())
				defer taken.Close()
				_, port, err := net.SplitHostPort(taken.Addr().String())
				Expect(err).NotTo(HaveOccurred())

				err = fail(t, "CONFIG_SERVER_PORT="+port)
				Expect(err).To(MatchError(HavePrefix("port " + port + " on 127.0.0.1 is already in use: either the app itself listens on it, or CONFIG_SERVER_PORT was given the value of PORT: set CONFIG_SERVER_PORT to a port that nothing else in the container uses: ")))
				Expect(err).To(MatchError(syscall.EADDRINUSE))
			})
		}
	})
}
