package manifest

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testVariables(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	file := func(content string) string {
		t.Helper()
		return write(t, content)
	}

	// text is what a variable of env comes to.
	text := func(value string, pairs ...string) string {
		t.Helper()
		return oneApp(t, "applications:\n- name: app\n  env:\n    V: "+value+"\n", pairs...).Environment["V"]
	}

	it("puts values into a text", func() {
		Expect(text("http://((host)):((port))/((host))", "host=a.b", "port=80")).To(Equal("http://a.b:80/a.b"))
	})

	it("keeps the type of a value that consists of one variable", func() {
		app := oneApp(t, `
applications:
- name: ((name))
  instances: ((count))
  buildpacks: ((list))
  env: ((env))
  command: ((none))
`, "name=app", "count=3", "list=[a, b]", "env={A: 1}", "none=null")
		Expect(*app.Launch.Processes[0].Instances).To(Equal(3))
		Expect(app.Buildpacks).To(Equal([]string{"a", "b"}))
		Expect(app.Environment).To(Equal(map[string]string{"A": "1"}))
		Expect(*app.Launch.Processes[0].Command).To(BeEmpty())
	})

	it("reads a value of --var as YAML, equals signs included", func() {
		Expect(text("((a))", "a=b=c")).To(Equal("b=c"))
		Expect(text("((a))", "a='007'")).To(Equal("007"))
		Expect(text("((a))", `a=""`)).To(BeEmpty())
		Expect(text("x((a))x", `a=''`)).To(Equal("xx"))
	})

	it("reads a text of --var as YAML, too: its escapes, comments and line ends", func() {
		for pair, value := range map[string]string{
			`a="one\ntwo"`: "one\ntwo", "a='it''s'": "it's", "a=value # comment": "value", "a= b ": "b", "a=b#c": "b#c", "a=one\ntwo": "one two",
			"a=|\n  one\n  two\n": "one\ntwo\n",
		} {
			Expect(text("((a))", pair)).To(Equal(value), pair)
		}
	})

	it("CF-50: notes a value of --var that changes on its way", func() {
		notes := func(pair string) []string {
			return notesOf(oneApp(t, "applications:\n- name: app\n  env:\n    V: ((a))\n", pair))
		}
		Expect(notes("a=value # 1")).To(ConsistOf("manifest.yml:4: env: V: the variable's value # 1 arrives as value; put it in quotes to keep it"))
		Expect(notes("a=007")).To(ConsistOf("manifest.yml:4: env: V: the variable's 007 arrives as 7; put it in quotes to keep it"))
		for _, kept := range []string{"a=value", `a="value # 1"`, "a='007'", `a="one\ntwo"`, "a=https://a.b/c?d=e#f"} {
			Expect(notes(kept)).To(BeEmpty(), kept)
		}
	})

	it("finds a part of a variable", func() {
		Expect(text("((db.primary.host)):((db.port))", "db={primary: {host: h}, port: 5432}")).To(Equal("h:5432"))
		Expect(text("((db/x)) ((hosts.0)) ((hosts.-1.name)) ((db.a/b))", "db/x=1", "hosts=[a, {name: z}]", "db={a: {b: c}}")).To(Equal("1 a z c"))
	})

	it("follows aliases in values", func() {
		variables, err := LoadVariables([]string{file("a: &a {b: deep}\nc: *a\nd: &d text\ne: *d\n")}, nil)
		Expect(err).NotTo(HaveOccurred())
		applications, err := Parse("m.yml", []byte("applications:\n- name: ((c.b))-((e))\n"), variables)
		Expect(err).NotTo(HaveOccurred())
		Expect(applications[0].Name).To(Equal("deep-text"))
	})

	it("takes ((!name)) for ((name)), and fills keys too", func() {
		Expect(text("((!a))", "a=b")).To(Equal("b"))
		Expect(oneApp(t, "applications:\n- name: app\n  env:\n    ((key))_URL: x\n", "key=DB").Environment).To(HaveKeyWithValue("DB_URL", "x"))
	})

	it("lets a later file win over an earlier one, and --var over both", func() {
		variables, err := LoadVariables([]string{file("a: 1\nb: 1\nc: 1\n"), file("b: 2\nc: 2\n"), file("")}, []string{"c=3", "c=4"})
		Expect(err).NotTo(HaveOccurred())
		Expect(variables["a"].Value).To(Equal(1))
		Expect(variables["b"].Value).To(Equal(2))
		Expect(variables["c"].Value).To(Equal(4))
	})

	it("fills in no more what it has filled in", func() {
		Expect(text("((a))", "a='((b))'")).To(Equal("((b))"))
		Expect(text("x((a))", "a='((b))'")).To(Equal("x((b))"))
	})

	it("leaves what is not a variable", func() {
		Expect(text("'(a) (( a )) ((a b)) (())'")).To(Equal("(a) (( a )) ((a b)) (())"))
	})

	context("failure cases", func() {
		it("names all variables that are missing, once each", func() {
			_, err := parseManifest(t, "applications:\n- name: ((z))\n  path: ((a))/((z))\n  stack: ((db.host))\n  env: ((c.d))\n", "c=text", "db={port: 1}")
			Expect(err).To(MatchError(HaveSuffix("manifest.yml: expected to find variables: a, c.d, db.host, z; give each with --var NAME=VALUE or in a --vars-file")))
		})

		for _, value := range []string{"[a]", "{a: b}", "null", "true", "1.5"} {
			it("puts no value into a text that is "+value, func() {
				_, err := parseManifest(t, "applications:\n- name: app-((v))\n", "v="+value)
				Expect(err).To(MatchError(HaveSuffix("manifest.yml:2: the variable v is part of a text; expected its value to be text or a whole number")))
			})
		}

		for pair, found := range testtable.Sorted(map[string]string{"name": "name", "=value": "…", "": ""}) {
			it("refuses --var '"+pair+"'", func() {
				_, err := LoadVariables(nil, []string{pair})
				Expect(err).To(MatchError(`--var: found "` + found + `"; expected NAME=VALUE`))
			})
		}

		it("refuses an empty value, as the cf CLI does", func() {
			_, err := LoadVariables(nil, []string{"a="})
			Expect(err).To(MatchError(`--var a: found no value, which the cf CLI refuses; expected NAME=VALUE, where '""' is an empty text`))
		})

		for _, part := range []string{"list.2", "list.-3", "list.x", "map.0", "text.a"} {
			it("finds no "+part, func() {
				_, err := parseManifest(t, "applications:\n- name: a\n  env: {V: (("+part+"))}\n", "list=[a, b]", "map={a: b}", "text=a")
				Expect(err).To(MatchError(ContainSubstring("expected to find variables: " + part)))
			})
		}

		it("refuses a value that is not YAML", func() {
			_, err := LoadVariables(nil, []string{"a=[b"})
			Expect(err).To(MatchError(ContainSubstring("--var a: the value is not YAML: line 1: syntax: found what no YAML parser can read (")))
		})

		it("quotes no value", func() {
			for _, pair := range []string{"=s3cret", "TOKEN: s3cret", "https://me:s3cret@example.com", "a=*s3cret", "a=[s3cret", "a={s3cret: x"} {
				_, err := LoadVariables(nil, []string{pair})
				Expect(err).To(MatchError(Not(ContainSubstring("s3cret"))), pair)
			}
			file := filepath.Join(t.TempDir(), "vars.yml")
			for _, content := range []string{"s3cret", "a: *s3cret", "- s3cret"} {
				Expect(os.WriteFile(file, []byte(content), 0o600)).To(Succeed())
				_, err := LoadVariables([]string{file}, nil)
				Expect(err).To(MatchError(Not(ContainSubstring("s3cret"))), content)
			}
		})

		it("names the file that it cannot read", func() {
			missing := filepath.Join(t.TempDir(), "none.yml")
			_, err := LoadVariables([]string{missing}, nil)
			Expect(err).To(MatchError("failed to read variables: " + missing + ": there is no such file"))
		})

		it("names the file that is not a mapping", func() {
			list := file("- a\n")
			_, err := LoadVariables([]string{list}, nil)
			Expect(err).To(MatchError(list + ":1: found a list; expected a mapping"))
		})

		it("refuses a named pipe, without waiting for its writer", func() {
			pipe := filepath.Join(t.TempDir(), "pipe")
			Expect(syscall.Mkfifo(pipe, 0o600)).To(Succeed())
			_, err := LoadVariables([]string{pipe}, nil)
			Expect(err).To(MatchError("failed to read variables: " + pipe + ": found a named pipe; expected a regular file of at most 1 MB"))
			_, err = Read(pipe, nil)
			Expect(err).To(MatchError("failed to read manifest: " + pipe + ": found a named pipe; expected a regular file of at most 1 MB"))
		})

		it("refuses a file that is larger than a manifest", func() {
			large := file("a: " + string(make([]byte, maxSize)))
			_, err := LoadVariables([]string{large}, nil)
			Expect(err).To(MatchError("failed to read variables: " + large + ": found 1048579 bytes; expected a regular file of at most 1 MB"))
		})
	})
}
