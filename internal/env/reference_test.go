package env_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

func testSplit(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	split := func(text string) (plain []string, references []env.Reference) {
		for before, reference := range env.Split(text) {
			plain = append(plain, before)
			if reference.Name != "" {
				references = append(references, reference)
			}
		}
		return plain, references
	}

	it("finds each form of a reference, and the text between them", func() {
		plain, references := split("a $B${C}$$-${D:-}, ${E:-x/1}")
		Expect(plain).To(Equal([]string{"a ", "", "$$-", ", ", ""}))
		Expect(references).To(Equal([]env.Reference{
			{Text: "$B", Name: "B"},
			{Text: "${C}", Name: "C"},
			{Text: "${D:-}", Name: "D", HasOtherwise: true},
			{Text: "${E:-x/1}", Name: "E", HasOtherwise: true, Otherwise: "x/1"},
		}))
	})

	it("stops where its caller does", func() {
		for plain := range env.Split("a$B c$D") {
			Expect(plain).To(Equal("a"))
			break
		}
	})

	it("leaves nothing out", func() {
		for _, text := range []string{"", "$", "$A", "x${A:-b}y$Cz${", "$1 ${A-b} $é", "\xff$A\x00"} {
			var joined strings.Builder
			for plain, reference := range env.Split(text) {
				joined.WriteString(plain + reference.Text)
			}
			Expect(joined.String()).To(Equal(text))
		}
	})
}
