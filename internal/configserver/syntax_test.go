package configserver_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testSyntax(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	const (
		early    = "the JSON ends too early: a quote, bracket or brace is not closed, or a value is missing"
		more     = "expected nothing more: the JSON is already complete"
		control  = `a string may not hold line breaks and other control characters: write \n, \t or \u00XX`
		escape   = `this escape does not exist: in a string, \ is written \\`
		hex      = `expected four hexadecimal digits after \u`
		colon    = "expected a colon after the key"
		brace    = "expected a comma or }"
		bracket  = "expected a comma or ]"
		firstKey = "expected a key in double quotes or }"
		nextKey  = "expected a key in double quotes: the last entry has no comma after it"
		value    = "expected a value: text is in double quotes, and the last element has no comma after it"
		digit    = "expected a digit"
		word     = "expected true, false or null in lower case, or text in double quotes"
		deep     = "the JSON is nested too deep"
	)

	context("failure cases", func() {
		for _, broken := range []struct {
			json         string
			line, column int
			problem      string
		}{
			{`{`, 1, 2, early},
			{`{"a`, 1, 4, early},
			{"{\"a\":\n", 2, 1, early},
			{`["\`, 1, 4, early},
			{`[1`, 1, 3, early},
			{`[-`, 1, 3, early},
			{`{}}`, 1, 3, more},
			{"{}\n\n{}", 3, 1, more},
			{`{} // x`, 1, 4, more},
			{`"a""`, 1, 4, more},
			{"[\"a\n\"]", 1, 4, control},
			{"{\"a\tb\": 1}", 1, 4, control},
			{`["\x"]`, 1, 4, escape},
			{`["C:\Windows"]`, 1, 6, escape},
			{`["\u12x4"]`, 1, 7, hex},
			{`{"a" 1}`, 1, 6, colon},
			{`{"a"="b"}`, 1, 5, colon},
			{`{"a":1 "b":2}`, 1, 8, brace},
			{`{"a":1]`, 1, 7, brace},
			{`{"a":01}`, 1, 7, brace},
			{`{"ü€😀":1;}`, 1, 9, brace},
			{`["a":1]`, 1, 5, bracket},
			{`[1}`, 1, 3, bracket},
			{`{a:1}`, 1, 2, firstKey},
			{`{'a':1}`, 1, 2, firstKey},
			{"{\n\t\"a\":1,\n}", 3, 1, nextKey},
			{`{"a":1,2:3}`, 1, 8, nextKey},
			{`[1,]`, 1, 4, value},
			{`[x]`, 1, 2, value},
			{`{"a":'b'}`, 1, 6, value},
			{`{"a":}`, 1, 6, value},
			{`[True]`, 1, 2, value},
			{`[-x]`, 1, 3, digit},
			{`[1.x]`, 1, 4, digit},
			{`[1e+x]`, 1, 5, digit},
			{`[tRUE]`, 1, 3, word},
			{`[nil]`, 1, 3, word},
			{`[fox]`, 1, 3, word},
			{strings.Repeat("[", 10001), 1, 10001, deep},
		} {
			it(fmt.Sprintf("explains %.20q", broken.json), func() {
				err := fail(t, "CONFIG_SERVER_PORT="+testport.Free(t), "CONFIG_SERVER_CONFIG="+broken.json)
				Expect(err).To(MatchError(fmt.Sprintf("CONFIG_SERVER_CONFIG is not valid JSON: line %d, column %d: %s", broken.line, broken.column, broken.problem)))
			})
		}
	})
}
