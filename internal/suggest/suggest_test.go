package suggest_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

func TestSuggest(t *testing.T) {
	suite := spec.New("suggest", spec.Report(report.Terminal{}))
	suite("Name", testName)
	suite.Run(t)
}

func testName(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect
	known := []string{"name", "memory", "process_types", "health-check-type", "web", "worker", "go-app", "größe"}

	for _, one := range []struct{ found, meant string }{
		{"memroy", "memory"}, {"memry", "memory"}, {"MEMORY", "memory"}, {"process-types", "process_types"}, {"processTypes", "process_types"},
		{"healthcheck-typ", "health-check-type"}, {"wbe", "web"}, {"wb", "web"}, {"worked", "worker"}, {"goapp", "go-app"}, {"nmae", "name"}, {"größ", "größe"},
		{"mem", ""}, {"wxyz", ""}, {"", ""}, {strings.Repeat("memory", 1000), ""}, {"entirely other", ""},
	} {
		it("finds what was meant by "+one.found[:min(len(one.found), 20)], func() {
			Expect(suggest.Name(one.found, known)).To(Equal(one.meant))
		})
	}

	it("prefers the nearest, and of two as near the first", func() {
		Expect(suggest.Name("port", []string{"sort", "port"})).To(Equal("port"))
		Expect(suggest.Name("xort", []string{"sort", "port"})).To(Equal("sort"))
	})

	it("asks before a list of all", func() {
		Expect(suggest.Before("memory", "it has name, memory")).To(Equal("; did you mean memory? It has name, memory"))
		Expect(suggest.Before("", "it has name, memory")).To(Equal("; it has name, memory"))
	})

	it("asks, or says nothing", func() {
		Expect(suggest.Question("memroy", known)).To(Equal("; did you mean memory?"))
		Expect(suggest.Question("else", known)).To(BeEmpty())
		Expect(suggest.Question("else", nil)).To(BeEmpty())
	})
}
