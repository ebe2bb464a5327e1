package forms_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
)

func testLookup(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("finds scalars, objects, lists and their items", func() {
		env := sources(t, `{"db.url":"u","db.pool.size":5,"users[0].name":"n","users[1]":"x","log.root":"INFO","log.root.app":"DEBUG","odd[key]":"o","n":null}`)
		for key, expected := range map[string]types.GomegaMatcher{
			"db.url": Equal("u"), "db.pool": HaveKeyWithValue("size", BeEquivalentTo("5")), "users": HaveLen(2), "users[0].name": Equal("n"),
			"users[1]": Equal("x"), "log.root": Equal("INFO"), "log.root.app": Equal("DEBUG"), "odd[key]": Equal("o"), "n": BeNil(),
		} {
			value, found, err := forms.Lookup(env, key)
			Expect(err).NotTo(HaveOccurred())
			Expect(found).To(BeTrue(), key)
			Expect(value).To(expected, key)
		}
		for _, key := range []string{"db.ur", "db.url.x", "users[2]", "users[0", "users[-1]", "users.0", "x"} {
			_, found, err := forms.Lookup(env, key)
			Expect(err).NotTo(HaveOccurred())
			Expect(found).To(BeFalse(), key)
		}
	})
}
