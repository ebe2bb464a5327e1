package printable_test

import (
	"errors"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

func testPlain(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	for _, one := range []struct{ text, plain string }{
		{"no sequence [31m at all: ä→", "no sequence [31m at all: ä→"},
		{"\x1b[31;1m**WARNING**\x1b[0m text", "**WARNING** text"},
		{"\x1b[38;2;1;2;3mcolor\x1b[m", "color"},
		{"\r\x1b[2K\x1b[1A\x1b[?25lprogress\x1b[?25h", "\rprogress"},
		{"\x1b]0;title\x07text\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\", "textlink"},
		{"\x1bPdevice\x1b\\\x1b(Btext\x1b7\x1b8\x1bc", "text"},
		{"a\nb\tc\n", "a\nb\tc\n"},
	} {
		it("leaves the text of "+printable.Line(one.text), func() {
			Expect(printable.Plain(one.text)).To(Equal(one.plain))
			var written strings.Builder
			count, err := printable.PlainWriter{To: &written}.Write([]byte(one.text))
			Expect(err).NotTo(HaveOccurred())
			Expect(count).To(Equal(len(one.text)))
			Expect(written.String()).To(Equal(one.plain))
		})
	}

	it("says that it could not write", func() {
		_, err := printable.PlainWriter{To: failing{}}.Write([]byte("x"))
		Expect(err).To(MatchError("full"))
	})
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }
