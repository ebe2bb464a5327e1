//go:build linux

package supervise

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testPorts(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *site
	)

	it.Before(func() { s = newPlainSite(t) })

	ask := func(port string, proxies int) *process {
		t.Helper()
		s.environ = append(s.environ, "PORT="+port)
		return s.askPorts(proxies)
	}

	// behindFree returns a PORT from which the first port that is tried is free, and stays so until the spec has ended.
	behindFree := func() int {
		t.Helper()
		for {
			port, err := strconv.Atoi(testport.Free(t))
			Expect(err).NotTo(HaveOccurred())
			if given := port - portDistance; given > 0 {
				return given
			}
		}
	}

	it("prints PORT and free ports, first far from it and then in a row", func() {
		given := behindFree()
		p := ask(strconv.Itoa(given), 2)
		Expect(p.cleanStatus()).To(Equal(0), p.said())
		numbers := p.ports()
		Expect(numbers).To(HaveLen(3))
		Expect(p.wrote()).To(Equal("export PORT='" + numbers[2] + "'\nexport _SIDECARS_PROXY_PORTS='" + strings.Join(numbers, " ") + "'\n"))
		Expect(numbers[0]).To(Equal(strconv.Itoa(given)))
		first, err := strconv.Atoi(numbers[1])
		Expect(err).NotTo(HaveOccurred())
		second, err := strconv.Atoi(numbers[2])
		Expect(err).NotTo(HaveOccurred())
		Expect(first).To(Equal(given + portDistance))
		Expect(second).To(BeNumerically(">", first))
	})

	it("prints the same in twenty processes at once, and ever after", func() {
		given := strconv.Itoa(behindFree())
		var all []*process
		for range 20 {
			all = append(all, ask(given, 5))
		}
		for _, p := range all {
			Expect(p.status()).To(Equal(0), p.said())
			Expect(p.wrote()).To(Equal(all[0].wrote()))
			Expect(p.said()).To(BeEmpty())
		}
		numbers := all[0].ports()
		Expect(numbers).To(HaveLen(6))
		listener, err := net.Listen("tcp", ":"+numbers[1])
		Expect(err).NotTo(HaveOccurred(), "it is free")
		defer listener.Close()
		p := ask(given, 5)
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(p.wrote()).To(Equal(all[0].wrote()), "though it is taken now")
		entries, err := os.ReadDir(s.directory + "/run")
		Expect(err).NotTo(HaveOccurred())
		Expect(entries).To(HaveLen(1), "no other file is left")
	})

	it("passes over a port that is taken, by whomever", func() {
		for _, address := range []string{"127.0.0.1", "0.0.0.0"} {
			given := behindFree()
			listener, err := net.Listen("tcp", address+":"+strconv.Itoa(given+portDistance))
			Expect(err).NotTo(HaveOccurred())
			defer listener.Close()
			chosen, err := ports(t.TempDir(), strconv.Itoa(given), 1, t.Errorf)
			Expect(err).NotTo(HaveOccurred())
			Expect(strings.Fields(chosen)).To(HaveLen(2))
			Expect(strings.Fields(chosen)[1]).NotTo(Equal(strconv.Itoa(given + portDistance)))
		}
	})

	it("begins anew below where there are no more", func() {
		for _, given := range []string{"65535", "55536", "60000", "1"} {
			chosen, err := ports(t.TempDir(), given, 3, t.Errorf)
			Expect(err).NotTo(HaveOccurred())
			fields := strings.Fields(chosen)
			Expect(fields).To(HaveLen(4))
			for _, field := range fields[1:] {
				number, err := strconv.Atoi(field)
				Expect(err).NotTo(HaveOccurred())
				Expect(number).To(And(BeNumerically(">", 1024), BeNumerically("<=", 65535)))
			}
		}
	})

	it("has nothing to add where none is asked for", func() {
		p := ask("20900", 0)
		Expect(p.cleanStatus()).To(Equal(0))
		Expect(p.wrote()).To(BeEmpty())
		Expect(s.directory + "/run").NotTo(BeADirectory())
	})

	context("failure cases", func() {
		it("says what is not PORT", func() {
			for _, port := range []string{"", "0", "65536", "-1", "8080 ", "http", "8080\n8081"} {
				p := ask(port, 1)
				Expect(p.cleanStatus()).To(Equal(1))
				Expect(p.wrote()).To(BeEmpty())
				Expect(p.said()).To(Equal("[supervise] found " + strconv.Quote(port) + " for PORT; expected a number from 1 to 65535\n"))
			}
		})

		it("says why it cannot agree", func() {
			s.put("run", "a file", 0o644)
			p := ask("20900", 1)
			Expect(p.cleanStatus()).To(Equal(1))
			Expect(p.wrote()).To(BeEmpty())
			Expect(p.said()).To(Equal("[supervise] failed to agree on ports: " + s.directory + "/run: found a regular file; expected a directory, and no link to one\n"))
		})
	})
}
