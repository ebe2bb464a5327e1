package manifest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// hostile are manifests that are made to keep their reader busy, or to bring it
// down.
var hostile = map[string]string{
	"an anchor that contains itself":         "applications: &a [*a]\n",
	"an app that contains itself":            "applications:\n- &a {name: x, env: *a}\n",
	"an app that merges itself":              "applications:\n- &a\n  name: x\n  <<: *a\n",
	"two apps that merge one another":        "applications:\n- &a {name: x, <<: &b {<<: *a}}\n- {name: y, <<: *b}\n",
	"a merge of a list that contains itself": "x: &a [*a]\napplications:\n- {name: x, <<: *a}\n",
	"an env that contains itself":            "applications:\n- name: x\n  env: &e {A: *e}\n",
	"a key that contains itself":             "applications:\n- ? &k [*k]\n  : x\n",
	"sidecars that contain themselves":       "applications:\n- name: x\n  sidecars: &s [*s, {name: a, command: b, process_types: *s}]\n",
	"aliases that explode":                   exploding("[%s]", ", "),
	"merge keys that explode":                exploding("{%s}", ", <<: "),
	"a text at the place of everything":      "applications:\n- {name: x, env: x, processes: x, sidecars: x, buildpacks: x, docker: x, instances: x, timeout: x, memory: x}\n",
	"a list at the place of everything":      "applications:\n- {name: [], path: [], stack: [], buildpack: [], buildpacks: [[]], env: [], processes: [[]], sidecars: [[]], lifecycle: [], command: [], memory: [], instances: [], health-check-type: []}\n",
	"a mapping at the place of everything":   "applications:\n- {name: {}, path: {}, stack: {}, buildpack: {}, buildpacks: {}, env: {A: {}}, processes: {}, sidecars: {}, lifecycle: {}, command: {}, memory: {}, instances: {}, health-check-type: {}}\n",
	"keys that are mappings":                 "applications:\n- ? {a: b}\n  : c\n  ? [d]\n  : e\n  name: x\n  env: {? {f: g} : h}\n",
	"a merge of a text":                      "applications:\n- name: x\n  <<: y\n",
	"nothing but nulls":                      "applications: [null, ~, {env: {A: null}, processes: [null], sidecars: [null], buildpacks: [null], memory: null}]\n",
	"NUL bytes":                              "applications:\n- name: \x00\n",
	"other control characters":               "applications:\n- name: \x1b[2J\n",
	"what is not UTF-8":                      "applications:\n- name: \xff\xfe\n",
	"UTF-16":                                 "\xff\xfea\x00:\x00 \x00b\x00",
	"deep lists":                             "applications: " + strings.Repeat("[", 500_000) + "\n",
	"deep mappings":                          "applications: " + strings.Repeat("{a: ", 200_000) + "\n",
	"deep lists that end":                    "applications: " + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + "\n",
	"very many keys":                         manyKeys("applications:\n- name: x\n  env:\n", 60_000),
	"many keys":                              manyKeys("applications:\n- name: x\n  env:\n    ((a)): b\n", 4_000) + "    a: 1\n",
	"very many apps":                         "applications:\n" + strings.Repeat("- {}\n", 180_000),
	"very many aliases of an app":            "applications:\n- &a {name: x}\n" + strings.Repeat("- *a\n", 180_000),
	"a tag that is not known":                "applications: !!binary |\n  aGk=\n- !foo bar\n",
	"a number without end":                   "applications:\n- {name: x, instances: " + strings.Repeat("9", 100_000) + "}\n",
	"very many variables":                    "applications:\n- name: " + strings.Repeat("((x))", 30_000) + "\n",
	"open variables":                         "applications:\n- name: " + strings.Repeat("((", 80_000) + "\n",
}

// exploding are nine levels of ten aliases each of the level before.
func exploding(format, separator string) string {
	var text strings.Builder
	text.WriteString("l0: &l0 {k: v}\n")
	for level := 1; level < 10; level++ {
		aliases := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d%s", level-1, separator), 10), separator)
		if strings.HasPrefix(format, "{") {
			aliases = "<<: " + aliases
		}
		fmt.Fprintf(&text, "l%d: &l%d "+format+"\n", level, level, aliases)
	}
	return text.String() + "applications:\n- {name: x, <<: *l9, sidecars: *l9, processes: *l9}\n"
}

func manyKeys(head string, count int) string {
	var text strings.Builder
	text.WriteString(head)
	for i := range count {
		fmt.Fprintf(&text, "    k%d: v\n", i)
	}
	return text.String()
}

func testHostile(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("reads a large manifest that is meant well", func() {
		app := oneApp(t, manyKeys("applications:\n- name: x\n  env:\n    LONG: "+strings.Repeat("x", 900_000)+"\n", 1000))
		Expect(app.Environment).To(HaveLen(1001))
	})

	context("failure cases", func() {
		for _, name := range named(hostile) {
			it("ends in an error on "+name, func() {
				_, err := parseManifest(t, hostile[name])
				Expect(err).To(HaveOccurred())
				Expect(err.Error()).To(ContainSubstring("manifest.yml"))
			})
		}

		it("refuses what is larger than Cloud Controller takes", func() {
			_, err := parseManifest(t, "applications:\n- name: x\n#"+strings.Repeat("x", 2<<20))
			Expect(err).To(MatchError(HaveSuffix("manifest.yml: found 2097177 bytes; expected at most 1048576")))
		})

		it("says of aliases that explode what is wrong with them", func() {
			for _, name := range []string{"aliases that explode", "merge keys that explode", "an app that merges itself"} {
				_, err := parseManifest(t, hostile[name])
				Expect(err).To(MatchError(HaveSuffix("manifest.yml: found more than 10000 values; expected fewer, and no alias that contains itself")))
			}
		})

		it("refuses variables that are as bad", func() {
			for _, content := range []string{hostile["an anchor that contains itself"], hostile["aliases that explode"], hostile["very many keys"]} {
				_, err := LoadVariables([]string{write(t, content)}, nil)
				Expect(err).To(MatchError(HaveSuffix("found more than 10000 values; expected fewer, and no alias that contains itself")))
			}
			_, err := LoadVariables(nil, []string{"app=&a {name: x, <<: *a}"})
			Expect(err).To(MatchError("--var app: found more than 10000 values; expected fewer, and no alias that contains itself"))
		})

		it("refuses variables that are many times as much where they are filled in", func() {
			list := "[" + strings.Repeat("x, ", 100) + "x]"
			_, err := parseManifest(t, "applications:\n- name: x\n  buildpacks:\n"+strings.Repeat("  - ((list))\n", 100), "list="+list)
			Expect(err).To(MatchError("manifest.yml: found more than 10000 values; expected fewer, and no alias that contains itself"))
			_, err = parseManifest(t, "applications:\n- name: x"+strings.Repeat("((text))", 3000)+"\n", "text="+strings.Repeat("y", 10_000))
			Expect(err).To(MatchError(MatchRegexp("manifest.yml: found [0-9]+ bytes with the variables filled in; expected at most 1048576")))
		})
	})
}

func FuzzParse(f *testing.F) {
	for _, content := range hostile {
		if len(content) < 4096 {
			f.Add([]byte(content), "x", "y")
		}
	}
	f.Add([]byte("applications:\n- name: ((a))-((b.c))\n  memory: 1G\n  sidecars: [{name: s, command: c, process_types: [web]}]\n"), "a", "1")
	f.Add([]byte("applications:\n- {name: a, processes: [{type: worker, memory: 64M, health-check-type: http}]}\n"), "a", "{b: c}")
	f.Fuzz(func(t *testing.T, content []byte, name, value string) {
		variables, err := LoadVariables(nil, []string{name + "=" + value})
		if err != nil {
			return
		}
		defer time.AfterFunc(time.Minute, func() { panic("it does not end") }).Stop()
		applications, err := Parse("manifest.yml", content, variables)
		if err == nil && len(applications) == 0 {
			t.Error("neither an app nor an error")
		}
		for _, app := range applications {
			if err == nil && (app.Name == "" || len(app.Launch.Processes) == 0) {
				t.Errorf("an app without a name or a process: %#v", app)
			}
		}
	})
}
