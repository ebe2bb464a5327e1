package bindings_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

func testSelector(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		all    []bindings.Binding
	)

	it.Before(func() {
		var err error
		all, err = bindings.Parse([]byte(services))
		Expect(err).NotTo(HaveOccurred())
	})
	find := func(s bindings.Selector) string {
		found, err := s.Find(all)
		Expect(err).NotTo(HaveOccurred())
		return found.Name
	}

	it("finds one by any of name, instance name, label and tag, in any case", func() {
		for word, name := range map[string]string{
			"config": "config", "team-config": "config", "p.config-server": "config", "Spring-Cloud": "config", "POSTGRES": "db", "user-provided": "mine", "own": "mine",
		} {
			Expect(find(bindings.Selector{Any: word})).To(Equal(name), word)
		}
	})

	it("finds one by name, label or tag alone, and by all that are asked for", func() {
		Expect(find(bindings.Selector{Name: "team-config"})).To(Equal("config"))
		Expect(find(bindings.Selector{Label: "postgres"})).To(Equal("db"))
		Expect(find(bindings.Selector{Tag: "own"})).To(Equal("mine"))
		Expect(find(bindings.Selector{Name: "mine", Label: "user-provided", Tag: "own"})).To(Equal("mine"))
		for _, other := range []bindings.Selector{{Name: "postgres"}, {Label: "db"}, {Tag: "postgres"}, {Name: "db", Tag: "own"}, {Any: "small"}, {}} {
			Expect(other.Selects(all[1])).To(BeFalse(), "%+v", other)
		}
	})

	context("failure cases", func() {
		it("says that none is bound, and which are", func() {
			_, err := bindings.Selector{Any: "apm"}.Find(all)
			Expect(err).To(BeAssignableToTypeOf(&bindings.NotBoundError{}))
			Expect(err).To(MatchError(`found the bound services "config", "db", "mine"; expected one with the name, label or tag "apm"`))
			_, err = bindings.Selector{Label: "apm", Tag: "blue"}.Find(nil)
			Expect(err).To(MatchError(`found no bound service; expected one with the label "apm" and tag "blue"`))
		})

		it("names all where several match", func() {
			two := append(all, bindings.Binding{Name: "another\ndb", Label: "mysql", Tags: []string{"postgres"}})
			_, err := bindings.Selector{Any: "postgres"}.Find(two)
			Expect(err).To(BeAssignableToTypeOf(&bindings.AmbiguousError{}))
			Expect(err).To(MatchError(`found 2 bound services with the name, label or tag "postgres": "another\ndb", "db"; expected one: select it by its name`))
			_, err = bindings.Selector{Any: "postgres"}.Find(append(two, bindings.Binding{Name: "DB", Label: "pg", Tags: []string{"postgres"}}))
			Expect(err).To(MatchError(HaveSuffix(`"DB", "another\ndb", "db"; expected one: select it by a label or tag that only one of them has, since two have the same name`)))
		})
	})
}
