package manifest

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testEnvironment(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	// The value that an app gets for one that is written in a manifest: the cf CLI's
	// parser, its writing anew, Ruby's YAML and Ruby's to_s.
	values := map[string]string{
		"a text": "a text", `"007"`: "007", "'1.10'": "1.10", "|\n      one\n      two\n": "one\ntwo\n", `'{"a": [1]}'`: `{"a": [1]}`,
		"42": "42", "-1": "-1", "+1": "1", "0x10": "16", "0b11": "3", "0o17": "15", "0123": "83", "08": "8", "09.0": "9", "1_000": "1000",
		"12345678901234567890": "12345678901234567890", "123456789012345678901": "1.2345678901234568e+20", "0x1ffffffffffffffff": "36893488147419103231",
		"1.10": "1.1", "1.0": "1", "1.50": "1.5", "1e3": "1000", "1e-7": "1e-07", "1.5e-7": "1.5e-07", "12e20": "1.2e+21", "1.5e400": "1.5e400", "1.5e+400": "Infinity",
		".5": "0.5", "0.00001234": "1.234e-05", "0.0001": "0.0001", "123456789012345.5": "123456789012345.5", "1,5": "1,5", "1,000.5": "1000.5", "-.inf": "-Infinity", ".nan": "NaN",
		"yes": "true", "on": "true", "y": "true", "True": "true", "tRUE": "true", "no": "false", "off": "false", "n": "false", "fAlSe": "false",
		"null": "", "~": "", "": "", "nULL": "", "Null": "",
		"2026-11-20": "2026-11-20", "12:30": "12:30", "12:30:45": "12:30:45", "1.2.3": "1.2.3", "v1.10": "v1.10", "0x": "0x", "1e3M": "1e3M", "!!str 1.10": "1.10", "!!float 3": "3",
		"!!binary MS4xMA==": "1.10", "=": "=", "<<": "<<", "truefalse": "truefalse", "Yes, sir": "Yes, sir",
		"[1, a, null, 1.5, true, {b: ~}]": `[1, "a", nil, 1.5, true, {:b=>nil}]`, `{a: "x\ty", b c: [], "d?": 2, 1: 3}`: `{1=>3, :a=>"x\ty", :"b c"=>[], :d?=>2}`, "{}": "{}",
	}
	for _, written := range named(values) {
		it("CF-50 makes of "+written+" the text "+values[written], func() {
			app := oneApp(t, "applications:\n- name: app\n  env:\n    V: "+written+"\n")
			Expect(app.Environment).To(HaveKeyWithValue("V", values[written]))
		})
	}

	it("CF-50 notes each value that changes on its way, and no other", func() {
		app := oneApp(t, `
applications:
- name: app
  env:
    FLOAT: 1.10
    EXPONENT: 1e3
    FLAG: yes
    OCTAL: 010
    NOTHING: ~
    WORD: tRue
    LIST: [secret]
    MAP: {a: b}
    A=B: c
    TEXT: text
    QUOTED: "1.10"
    WHOLE: 10
    DATE: 2026-11-20
    EMPTY:
    LINES: |
      one
`)
		Expect(notesOf(app)).To(ConsistOf(
			"manifest.yml:5: env: FLOAT: 1.10 arrives as 1.1; put it in quotes to keep it",
			"manifest.yml:6: env: EXPONENT: 1e3 arrives as 1000; put it in quotes to keep it",
			"manifest.yml:7: env: FLAG: yes arrives as true; put it in quotes to keep it",
			"manifest.yml:8: env: OCTAL: 010 arrives as 8; put it in quotes to keep it",
			"manifest.yml:9: env: NOTHING: ~ arrives as an empty text; put it in quotes to keep it",
			"manifest.yml:10: env: WORD: tRue arrives as true; put it in quotes to keep it",
			"manifest.yml:11: env: LIST is a list, which arrives as Ruby writes it; write it as JSON in quotes",
			"manifest.yml:12: env: MAP is a mapping, which arrives as Ruby writes it; write it as JSON in quotes",
			`manifest.yml:13: env: the name "A…" has an equals sign; programs see the variable A`,
		))
	})

	it("quotes no value of a variable whose name tells of a secret", func() {
		for _, name := range []string{"PIN", "KEY", "PASS", "DB_PW", "API-KEY", "PASSWORD", "TOKEN", "user.jwt"} {
			Expect(notesOf(oneApp(t, "applications:\n- name: app\n  env:\n    "+name+": 0774411\n"))).To(ConsistOf(
				"manifest.yml:4: env: "+name+": the value arrives as another one; put it in quotes to keep it"), name)
		}
		Expect(notesOf(oneApp(t, "applications:\n- name: app\n  env:\n    SPIN: 010\n"))).To(ConsistOf(ContainSubstring("SPIN: 010 arrives as 8")))
	})

	it("CF-50 notes a value of --var that changes, where it is filled in", func() {
		Expect(notesOf(oneApp(t, "applications:\n- name: app\n  env:\n    V: ((v))\n    W: x((w))\n    X: ((x))\n", "v=1.10", "w=1", "x=text"))).To(ConsistOf(
			"manifest.yml:4: env: V: the variable's 1.10 arrives as 1.1; put it in quotes to keep it"))
	})

	context("failure cases", func() {
		for _, broken := range []struct{ name, value, message string }{
			{"a list", "env: [A=b]", "manifest.yml:3: Env must be an object of keys and values; found a list; expected a mapping of names to values, or no key env"},
			{"nothing", "env:", "manifest.yml:3: Env must be an object of keys and values; found nothing; expected a mapping of names to values, or no key env"},
			{"CF-25: PORT of one's own", "env: {PORT: 80}", `manifest.yml:3: Env cannot set PORT; found "PORT"; expected another name: the platform sets it`},
			{"CF-25: port in any case", "env: {Port: 80}", `manifest.yml:3: Env cannot set PORT; found "Port"; expected another name: the platform sets it`},
			{"VCAP_ variables", "env: {VCAP_SERVICES: x}", `manifest.yml:3: Env cannot start with VCAP_; found "VCAP_SERVICES"; expected another name`},
			{"VMC variables", "env: {vmc_x: x}", `manifest.yml:3: Env cannot start with VMC_; found "vmc_x"; expected another name`},
			{"a variable without a name", "env: {'': c}", "manifest.yml:3: Env key must be a minimum length of 1"},
			{"a name that is a number", "env:\n    A: b\n    0x10: c", "manifest.yml:5: Env key must be a string; found 0x10, which is the number 16; expected the name in quotes"},
			{"a name that is a boolean", "env:\n    A: b\n    N: c", "manifest.yml:5: Env key must be a string; found N, which is the boolean false; expected the name in quotes"},
			{"a name that is nothing", "env:\n    A: b\n    ~: c", "manifest.yml:5: Env key must be a string; found ~, which is nothing; expected the name in quotes"},
			{"a variable with a NUL byte", `env: {A: "b\0"}`, `manifest.yml:3: Cloud Controller takes a variable with a NUL byte, and no process can have it; found "A"; expected a value without NUL`},
			{"what Ruby takes for a symbol", "env:\n    A: :b", "manifest.yml:4: Tried to load unspecified class: Symbol (the user sees a server error instead); found \":b\"; expected quotes around it"},
			{"what Ruby takes for a date", "env: {A: 2026-02-31}", "manifest.yml:3: Tried to load unspecified class: Date (the user sees a server error instead); found \"2026-02-31\"; expected quotes around it"},
			{"what Ruby takes for a time", "env: {A: 2001-12-14 21:59:43 -5}", "manifest.yml:3: Tried to load unspecified class: Time (the user sees a server error instead); found \"2001-12-14 21:59:43 -5\"; expected quotes around it"},
		} {
			it("refuses "+broken.name, func() {
				_, err := parseManifest(t, "applications:\n- name: a\n  "+broken.value+"\n")
				Expect(err).To(MatchError(broken.message))
			})
		}
	})

	it("quotes no value that may be a secret", func() {
		for _, block := range []string{
			"env: {API_TOKEN: 0123456}", "env: {A: {s3cret: s3cret}}", "env: {TOKEN=s3cret: x}", "env: {VCAP_A=s3cret: x}", "env: [TOKEN=s3cret]", "env: {A: *s3cret}", "env: TOKEN=s3cret",
			"TOKEN=s3cret: x", "memory: https://me:s3cret@example.com", "disk-quota: [s3cret]", "instances: TOKEN=s3cret", "https://me:s3cret@example.com: x",
		} {
			apps, err := parseManifest(t, "applications:\n- name: a\n  "+block+"\n")
			said := fmt.Sprint(err)
			for _, app := range apps {
				said += strings.Join(notesOf(app), "\n")
			}
			Expect(said).NotTo(Or(ContainSubstring("s3cret"), ContainSubstring("123456")), block)
		}
	})
}
