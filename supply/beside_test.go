package supply_test

import (
	"os"
	"os/exec"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testBeside sources the script that sidecars' app-env comes to.
func testBeside(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "0")
		s.write("app/sidecars.yml", `
- name: agent
  command: run
  process_types: [web, 'odd "type"']
  app-env:
    PLAIN: it's $5, \`+"`date`"+` $(date) "quoted" \ and * more
    REFERS: http://${HOST}:$AGENT_PORT/$HOST_/${no thing}$
    EMPTY: ""
    NUMBER: 4318
`)
		Expect(s.run()).To(Succeed())
	})

	// sourced is what a process prints after it has sourced the script.
	sourced := func(script string, environ ...string) string {
		t.Helper()
		command := exec.Command("bash", "-euc", `. "$0"; `+script, s.path("deps/0/profile.d/sidecars.sh"))
		command.Env = append([]string{"PATH=" + os.Getenv("PATH")}, environ...)
		output, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		return string(output)
	}
	const web = `VCAP_APPLICATION={"name":"a","process_type":"web"}`

	it("sets the variables, in which nothing but other variables is special", func() {
		Expect(sourced(`printf %s "$PLAIN"`, web)).To(Equal("it's $5, \\`date` $(date) \"quoted\" \\ and * more"))
		Expect(sourced(`printf %s "$REFERS"`, web, "HOST=localhost", "AGENT_PORT=1", "HOST_=x y")).To(Equal("http://localhost:1/x y/${no thing}$"))
		Expect(sourced(`printf %s "$REFERS"`, web)).To(Equal("http://://${no thing}$"), "what is not set is empty")
		Expect(sourced(`printf %s "${EMPTY-unset}$NUMBER"`, web)).To(Equal("4318"))
		Expect(sourced(`env`, web)).To(ContainSubstring("\nNUMBER=4318\n"))
	})

	it("leaves what somebody has set", func() {
		Expect(sourced(`printf %s "$PLAIN-$EMPTY-$NUMBER"`, web, "PLAIN=mine", "NUMBER=")).To(Equal("mine--"))
	})

	it("sets them in the processes that the sidecar runs beside, and in no other", func() {
		for _, with := range []string{web, `VCAP_APPLICATION={"process_type": "web"}`, `VCAP_APPLICATION={"process_type":"odd \"type\""}`, "VCAP_APPLICATION="} {
			Expect(sourced(`printf %s "${NUMBER-unset}"`, with)).To(Equal("4318"), with)
		}
		Expect(sourced(`printf %s "${NUMBER-unset}"`, `VCAP_APPLICATION={"process_type":"worker"}`)).To(Equal("unset"))
	})

	it("is not there where there is nothing to set", func() {
		s.write("app/sidecars.yml", "- {name: agent, command: run}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.path("deps/0/profile.d/sidecars.sh")).NotTo(BeAnExistingFile())
	})

	context("failure cases", func() {
		for _, broken := range []struct{ content, problem string }{
			{"[a]", `sidecars.yml:1: sidecar "a": app-env: found no mapping; expected a mapping of names to values`},
			{"{A-B: 1}", `sidecars.yml:1: sidecar "a": app-env: found the name "A-B"; expected letters, digits and underscores, then a colon and a blank`},
			{"{'TOKEN:s3cret': }", `sidecars.yml:1: sidecar "a": app-env: found the name "TOKEN"; expected letters, digits and underscores, then a colon and a blank`},
			{`{A: "a\0b"}`, `sidecars.yml:1: sidecar "a": app-env: A: found a byte that no variable can hold; expected text in UTF-8 and without NUL`},
			{"{A: [1]}", `sidecars.yml:1: sidecar "a": app-env: A: found a list; expected text`},
		} {
			it("refuses "+broken.content, func() {
				s.write("app/sidecars.yml", "- {name: a, command: b, app-env: "+broken.content+"}")
				Expect(s.run()).To(MatchError(broken.problem))
			})
		}
	})
}
