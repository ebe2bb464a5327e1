package cell

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testGUID(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect
	const form = `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`

	it("is a random one for each instance", func() {
		Expect(NewGUID()).To(MatchRegexp(form))
		Expect(NewGUID()).NotTo(Equal(NewGUID()))
	})

	it("is the same for an app of the same name", func() {
		Expect(AppGUID("app")).To(MatchRegexp(form))
		Expect(AppGUID("app")).To(Equal(AppGUID("app")))
		Expect(AppGUID("app")).NotTo(Equal(AppGUID("other")))
		Expect(AppGUID("")).To(MatchRegexp(form))
	})
}
