package manifest

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testSidecars(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	app := func(sidecars string) App {
		t.Helper()
		return oneApp(t, "applications:\n- name: app\n  sidecars:\n  - "+sidecars+"\n")
	}

	it("CF-31 reads its four keys, and tells of the others that they are dropped", func() {
		read := oneApp(t, "applications:\n- name: app\n  sidecars:\n  - name: performance monitor\n    command: run\n    process_types: [web]\n    memory: 128M\n    process-types: 1\n    disk: {}\n    3: x\n    Name: y\n")
		Expect(read.Launch.Sidecars).To(Equal([]controller.AppSidecar{{
			Name: "performance monitor", Command: "run", ProcessTypes: controller.TypeNames("web"), Memory: 128, At: sidecar.Position{Source: "manifest.yml", Line: 4},
		}}))
		Expect(read.Launch.Dropped).To(ConsistOf(
			MatchError(`manifest.yml:8: sidecar "performance monitor": found the key "process-types"; did you mean process_types? Expected one of the keys name, command, process_types, memory`),
			MatchError(`manifest.yml:9: sidecar "performance monitor": found the key "disk"; expected one of the keys name, command, process_types, memory`),
			MatchError(`manifest.yml:10: sidecar "performance monitor": found the key the number 3; expected one of the keys name, command, process_types, memory`),
			MatchError(`manifest.yml:11: sidecar "performance monitor": found the key "Name"; did you mean name? Expected one of the keys name, command, process_types, memory`)))
	})

	it("follows an alias to a sidecar, and takes no sidecars for an answer", func() {
		Expect(oneApp(t, "common: &s {name: a, command: b, process_types: [web]}\napplications: [{name: app, sidecars: [*s]}]").Launch.Sidecars).To(HaveLen(1))
		Expect(oneApp(t, "applications: [{name: app, sidecars: []}]").Launch.Sidecars).To(BeEmpty())
	})

	// A number that is written in another way is the same to the cf CLI.
	for _, size := range []string{"256", "256M", "256.", "256.0", "2.56e2", "0x100", "0400", "0b100000000", "+256", "25_6", "!!float 256", "262144K", "0.25G", "\"256M\\n\"", "!!binary MjU2TQ=="} {
		it("CF-29, CF-30, CF-50 reads memory: "+size, func() {
			read := app("{name: s, command: c, process_types: [web], memory: " + size + "}").Launch.Sidecars[0]
			Expect(read.Memory).To(BeEquivalentTo(256))
			Expect(read.MemoryIsText).To(BeFalse())
		})
	}

	it("takes a number in quotes, of which Cloud Controller's own sum fails", func() {
		read := app("{name: s, command: c, process_types: [web], memory: '+256'}").Launch.Sidecars[0]
		Expect(read.Memory).To(BeEquivalentTo(256))
		Expect(read.MemoryIsText).To(BeTrue())
	})

	it("takes no memory where there is nothing", func() {
		Expect(app("{name: s, command: c, process_types: [web], memory: }").Launch.Sidecars[0].Memory).To(BeZero())
	})

	it("CF-50 notes what YAML 1.1 makes of process types and of a size", func() {
		read := app("{name: s, command: c, process_types: [0x10, web]}\n  - {name: t, command: c, process_types: [web], memory: 0400}")
		Expect(read.Launch.Sidecars[0].ProcessTypes).To(Equal(controller.TypeNames("16", "web")))
		Expect(notesOf(read)).To(ConsistOf(
			"manifest.yml:4: process_types: 0x10 arrives as 16; put it in quotes to keep it", "manifest.yml:5: memory: 0400 arrives as 256 MB"))
	})

	it("takes a list of one process type for that type, however deep, as the database does", func() {
		Expect(app("{name: s, command: c, process_types: [[web], [[[worker]]], [], ~]}").Launch.Sidecars[0].ProcessTypes).
			To(Equal([]controller.TypeName{{Text: "web"}, {Text: "worker"}, {}, {Null: true}}))
	})

	it("CF-32 takes a name twice, of which the second changes the first, and notes it", func() {
		read := app("{name: s, command: c, process_types: [web], memory: 10M}\n  - {name: s, command: c, process_types: [web], memory: 20M}")
		Expect(read.Launch.Sidecars).To(HaveLen(2))
		Expect(notesOf(read)).To(ConsistOf(`manifest.yml:5: sidecar "s" is here a second time; Cloud Controller changes the first one to this`))
	})

	it("CF-27 takes any text for a name", func() {
		for _, name := range []string{"web", "' s '", "12:30", "2020-01-01", "=", `"\u200b"`, "'#{x}'", `'a"b'`} {
			Expect(app("{name: "+name+", command: c, process_types: [web]}").Launch.Sidecars).To(HaveLen(1), name)
		}
	})

	context("failure cases", func() {
		const size = "; expected a whole number of MB above 0, such as 128 or 128M"
		for _, broken := range []struct{ sidecar, message string }{
			{"{name: on, command: c, process_types: [web]}", `Sidecar "true": Name must be a string; found the boolean true; expected text, which here needs quotes`},
			{"{name: tRue, command: c, process_types: [web]}", `Sidecar "true": Name must be a string; found the boolean true; expected text, which here needs quotes`},
			{"{name: 1.50, command: c, process_types: [web]}", `Sidecar "1.5": Name must be a string; found the number 1.5; expected text, which here needs quotes`},
			{"{name: .inf, command: c, process_types: [web]}", `Sidecar "Infinity": Name must be a string; found the number Infinity; expected text, which here needs quotes`},
			{"{name: [a], command: c, process_types: [web]}", `Sidecar "["a"]": Name must be a string; found a list; expected text`},
			{`{name: "\u00a0", command: c, process_types: [web]}`, "Sidecar name can't be blank; found \"\\u00a0\"; expected a name"},
			{"{command: c, process_types: [web]}", "Sidecar name can't be blank; found nothing; expected a name\nSidecar name must be a string; found nothing; expected text"},
			{"{name: n, command: c, process_types: [web]}", "Sidecar name can't be blank; found the boolean false; expected a name\nSidecar name must be a string; found the boolean false; expected text, which here needs quotes"},
			{"{name: s, process_types: [web]}", "Sidecar \"s\": Command can't be blank; found nothing; expected a command\nSidecar \"s\": Command must be a string; found nothing; expected text"},
			{"{name: s, command: 0777, process_types: [web]}", `Sidecar "s": Command must be a string; found the number 511; expected text, which here needs quotes`},
			{"{name: s, command: c}", "Sidecar \"s\": Process types must be an array; found nothing; expected a list such as [web]\nSidecar \"s\": Process types must have at least 1 process_type; found nothing; expected a list such as [web]"},
			{"{name: s, command: c, process_types: web}", `Sidecar "s": Process types must be an array; found "web"; expected a list such as [web]`},
			{"{name: s, command: c, process_types: []}", `Sidecar "s": Process types must have at least 1 process_type; found a list; expected a list such as [web]`},
			{"{name: s, command: c, process_types: [web], memory: ''}", `Sidecar "s": Memory in mb is not a number; found ""` + size},
			{"{name: s, command: c, process_types: [web], memory: ' 128M'}", `Sidecar "s": Memory in mb is not a number; found " 128M"` + size},
			{"{name: s, command: c, process_types: [web], memory: yes}", `Sidecar "s": Memory in mb is not a number; found the boolean true` + size},
			{"{name: s, command: c, process_types: [web], memory: '0x10'}", `Sidecar "s": Memory in mb is not a number; found "0x10"` + size},
			{"{name: s, command: c, process_types: [web], memory: 1.5}", `Sidecar "s": Memory in mb must be an integer; found the number 1.5` + size},
			{"{name: s, command: c, process_types: [web], memory: '1e2'}", `Sidecar "s": Memory in mb must be an integer; found "1e2"` + size},
			{"{name: s, command: c, process_types: [web], memory: 512K}", `Sidecar "s": Memory in mb must be greater than 0; found "512K"` + size},
			{"{name: s, command: c, process_types: [web], memory: '-1'}", `Sidecar "s": Memory in mb must be greater than 0; found "-1"` + size},
			{"{name: s, command: c, process_types: [yes], memory: 1M}", "PG::UndefinedFunction: ERROR:  operator does not exist: text = boolean (the user sees a server error instead); found a list; expected types that are text, in quotes where they look like another kind"},
			{"{name: s, command: c, process_types: [{a: b}]}", "PG::UndefinedColumn: ERROR:  column \"a\" does not exist (the user sees a server error instead); found a list; expected types that are text, in quotes where they look like another kind"},
			{"~", "undefined method `[]' for nil:NilClass (the user sees a server error instead); found nothing; expected a mapping with the key name"},
			{"s", "no implicit conversion of Symbol into Integer (the user sees a server error instead); found \"s\"; expected a mapping with the key name"},
		} {
			it("CF-27, CF-28, CF-29, CF-50 refuses "+broken.sidecar, func() {
				_, err := parseManifest(t, "applications:\n- name: a\n  sidecars: ["+broken.sidecar+"]\n")
				Expect(err).To(MatchError(prefixed("manifest.yml:3: ", broken.message)))
			})
		}

		for _, none := range []string{"~", "{}", "text"} {
			it("refuses sidecars that are not a list: "+none, func() {
				_, err := parseManifest(t, "applications: [{name: a, sidecars: "+none+"}]")
				Expect(err).To(MatchError(HavePrefix("manifest.yml:1: Sidecars must be an array of sidecar configurations; found ")))
			})
		}
	})
}
