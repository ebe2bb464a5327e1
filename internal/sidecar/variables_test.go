package sidecar_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testVariables(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	warnings := func(content string, environ ...string) []string {
		t.Helper()
		_, found, err := sidecar.Resolve(sidecar.Request{
			Sources: []sidecar.Source{{Name: "sidecars.yml", Content: []byte(content)}}, Environ: environ,
		})
		Expect(err).NotTo(HaveOccurred())
		return found
	}

	for _, v := range []struct{ name, field, variable string }{
		{"config-server", "memory", "SIDECAR_CONFIG_SERVER_MEMORY"},
		{"performance monitor", "process_types", "SIDECAR_PERFORMANCE_MONITOR_PROCESS_TYPES"},
		{"a.b/c2", "command", "SIDECAR_A_B_C2_COMMAND"},
		{"ü", "command", "SIDECAR___COMMAND"},
	} {
		it("calls "+v.field+" of "+v.name+" "+v.variable, func() {
			Expect(sidecar.VariableName(v.name, v.field)).To(Equal(v.variable))
		})
	}

	it("sets the fields of a sidecar whose name has a space", func() {
		definitions, err := read("- {name: performance monitor, command: x}",
			"SIDECAR_PERFORMANCE_MONITOR_MEMORY=96M", "SIDECAR_PERFORMANCE_MONITOR_COMMAND=a=b: [c", "SIDECAR_PERFORMANCE_MONITOR_PROCESS_TYPES=web, worker")
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions).To(Equal([]sidecar.Definition{{
			Name: "performance monitor", Command: "a=b: [c", ProcessTypes: []string{"web", "worker"}, Memory: 96,
			At: sidecar.Position{Source: "sidecars.yml", Line: 1},
		}}))
	})

	it("gives a command to a sidecar that has none", func() {
		Expect(read("- name: a", "SIDECAR_A_COMMAND=run")).To(ConsistOf(HaveField("Command", "run")))
	})

	for _, list := range []string{"web,worker", "[web, worker]", ` [ 'web' , "worker" ] `} {
		it("reads process types as "+list, func() {
			Expect(read("- {name: a, command: x}", "SIDECAR_A_PROCESS_TYPES="+list)).To(ConsistOf(HaveField("ProcessTypes", []string{"web", "worker"})))
		})
	}

	it("takes the last value of a variable that is there twice, and none for an empty one", func() {
		Expect(read("- {name: a, command: x, memory: 1}", "SIDECAR_A_MEMORY=2", "SIDECAR_A_MEMORY=3")).To(ConsistOf(HaveField("Memory", BeEquivalentTo(3))))
		Expect(read("- {name: a, command: x, memory: 1}", "SIDECAR_A_MEMORY=")).To(ConsistOf(HaveField("Memory", BeEquivalentTo(1))))
	})

	it("warns of variables that set nothing", func() {
		Expect(warnings("- {name: a, command: x}\n- {name: b c, command: x}", "SIDECAR_C_MEMORY=1", "SIDECAR_AA_COMMAND=1", "SIDECAR_B_C_MEMORY=1", "SIDECAR_PROCESS_TYPES=web", "SIDECAR_PORT=1", "OTHER_MEMORY=1", "SIDECAR_X_MEMORY=")).To(Equal([]string{
			`SIDECAR_AA_COMMAND sets nothing: this app's sidecars are "a", "b c"`,
			`SIDECAR_C_MEMORY sets nothing: this app's sidecars are "a", "b c"`,
			`SIDECAR_PROCESS_TYPES sets nothing: this app's sidecars are "a", "b c"`,
		}))
		Expect(warnings("- {name: b c, command: x}", "SIDECAR_B_C_MEMROY=1")).To(Equal([]string{
			"SIDECAR_B_C_MEMROY sets nothing: did you mean SIDECAR_B_C_MEMORY? For \"b c\" it can end in " +
				strings.NewReplacer("-", "_", "NAME, ", "").Replace(strings.ToUpper(sidecar.AppKeys)),
		}))
		Expect(warnings("", "SIDECAR_A_MEMORY=1")).To(Equal([]string{"SIDECAR_A_MEMORY sets nothing: this app has no sidecars"}))
		Expect(warnings("- {name: a, command: x}", "SIDECAR_A_MEMORY=1", "SIDECARS_CONFIG=x", "SIDECARS=y")).To(BeEmpty())
	})

	context("failure cases", func() {
		for _, broken := range []struct{ variable, problem string }{
			{"SIDECAR_A_MEMORY=512K", `SIDECAR_A_MEMORY: sidecar "a": memory: found "512K", which is 0 whole MB; expected a whole number of MB above 0, such as 128 or 128M`},
			{"SIDECAR_A_MEMORY=lots", `SIDECAR_A_MEMORY: sidecar "a": memory: found "lots"; expected a size such as 128M or 1G (units B, K, M, G, T), or a bare number of MB`},
			{"SIDECAR_A_COMMAND= ", `SIDECAR_A_COMMAND: sidecar "a": command: found blank text " "; expected text that is not blank`},
			{"SIDECAR_A_COMMAND=\xff", `SIDECAR_A_COMMAND: sidecar "a": command: found "\xff"; expected text in UTF-8 and without NUL, which no program can be started with`},
			{"SIDECAR_A_COMMAND=" + strings.Repeat("x", 4097), `SIDECAR_A_COMMAND: sidecar "a": command: found 4097 characters; expected at most 4096`},
			{"SIDECAR_A_PROCESS_TYPES=web,web", `SIDECAR_A_PROCESS_TYPES: sidecar "a": process_types: found "web" a second time; expected each process type once`},
			{"SIDECAR_A_PROCESS_TYPES=web,", `SIDECAR_A_PROCESS_TYPES: sidecar "a": process_types: found blank text ""; expected text that is not blank`},
			{"SIDECAR_A_PROCESS_TYPES=a", `sidecars.yml:1: sidecar "a": found the name of a process type; expected another name, such as "a-sidecar": the platform would mix up the two`},
		} {
			it("refuses "+firstRunes(strings.ToValidUTF8(broken.variable, "?")), func() {
				_, err := read("- {name: a, command: x}", broken.variable)
				Expect(err).To(MatchError(broken.problem))
			})
		}

		it("refuses a variable that could mean two sidecars", func() {
			_, err := read("- {name: a-b, command: x}\n- {name: a b, command: x}", "SIDECAR_A_B_MEMORY=1")
			Expect(err).To(MatchError(`SIDECAR_A_B_MEMORY: memory: found two sidecars that it could mean, "a-b" and "a b"; expected names that differ in more than punctuation`))
		})
	})
}
