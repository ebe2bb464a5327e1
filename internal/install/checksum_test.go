package install_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

func testChecksum(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect

		short = strings.Repeat("0123456789abcdef", 4)
		long  = strings.Repeat("0123456789abcdef", 8)
	)

	it("reads digits alone, and tells the algorithm by their number", func() {
		sum, err := install.ParseChecksum(short)
		Expect(err).NotTo(HaveOccurred())
		Expect(sum.String()).To(Equal("sha256:" + short))

		sum, err = install.ParseChecksum(long)
		Expect(err).NotTo(HaveOccurred())
		Expect(sum.String()).To(Equal("sha512:" + long))
	})

	it("reads digits behind the algorithm", func() {
		sum, err := install.ParseChecksum("sha256:" + short)
		Expect(err).NotTo(HaveOccurred())
		Expect(sum.String()).To(Equal("sha256:" + short))

		sum, err = install.ParseChecksum("sha512:" + long)
		Expect(err).NotTo(HaveOccurred())
		Expect(sum.String()).To(Equal("sha512:" + long))
	})

	it("takes capitals for the same", func() {
		capitals, err := install.ParseChecksum("SHA256:" + strings.ToUpper(short))
		Expect(err).NotTo(HaveOccurred())
		parsed, err := install.ParseChecksum(short)
		Expect(err).NotTo(HaveOccurred())
		Expect(capitals).To(Equal(parsed))
	})

	it("reads what it prints", func() {
		sum, err := install.ParseChecksum(long)
		Expect(err).NotTo(HaveOccurred())
		Expect(install.ParseChecksum(sum.String())).To(Equal(sum))
	})

	context("failure cases", func() {
		for _, text := range []string{
			"", ":", "sha256:", "sha512:", ":" + short, "sha256", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha1:" + short,
			short[1:], short + "0", long[1:], "sha256:" + long, "sha512:" + short, "sha256:sha256:" + short,
			strings.Repeat("g", 64), " " + short[1:], short[1:] + "\n", "sha256: " + short[1:], strings.Repeat("é", 32),
		} {
			it("refuses "+strings.ReplaceAll(text, "\n", `\n`), func() {
				sum, err := install.ParseChecksum(text)
				Expect(err).To(MatchError(And(
					HavePrefix("found the checksum \""),
					HaveSuffix("expected the 64 hexadecimal digits of a SHA-256, or sha512: and 128 of them"),
				)))
				Expect(sum).To(Equal(install.Checksum{}))
			})
		}
	})
}
