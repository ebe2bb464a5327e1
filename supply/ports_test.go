package supply_test

import (
	"os"
	"os/exec"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testPorts sources the script that sets the ports of an app behind proxies.
func testPorts(t *testing.T, context spec.G, it spec.S) {
	const (
		web   = `VCAP_APPLICATION={"name":"a","process_type":"web"}`
		front = `"$DEPS_DIR/0/bin/supervise" front -- `
	)
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() { s = stage(t, "0") })

	supply := func(content string) {
		t.Helper()
		s.programs()
		s.write("app/sidecars.yml", content)
		Expect(s.run()).To(Succeed())
	}
	// process is what a process prints that has this command: it sources what comes
	// before, our script and what comes after, and then runs the command, as the launcher
	// has it.
	process := func(command, before, after string, environ ...string) (string, error) {
		t.Helper()
		run := exec.Command("bash", "-euc", before+"\n"+`. "$0"`+"\n"+after+"\n"+`exec bash -c "$2"`, s.path("deps/0/profile.d/sidecar-ports.sh"), "the app's directory", command)
		run.Env = append([]string{"PATH=" + os.Getenv("PATH"), "DEPS_DIR=" + s.path("deps")}, environ...)
		output, err := run.CombinedOutput()
		return string(output), err
	}
	const (
		profile = `echo "$PORT $VCAP_APP_PORT ${APP_PORT-none}"`
		printed = `bash -c 'echo "$PORT $VCAP_APP_PORT ${APP_PORT-none} $(env | grep -c _SIDECARS)"'`
	)

	it("CF-15 sets the app's port in every process while profile scripts run, and gives proxies theirs when the supervisor starts them, chained in their order", func() {
		supply(`
- {name: front, command: ./front, proxy: true, process_types: [web, worker]}
- {name: beside, command: ./beside, memory: 1M}
- {name: the back, command: ./back, proxy: true}
- {name: never, command: ./never, proxy: true, process_types: [other]}
`)
		ports := func(prefix, processType string) string {
			t.Helper()
			printed, err := process(prefix+printed, "", profile, `VCAP_APPLICATION={"process_type":"`+processType+`"}`, "PORT=8080", "VCAP_APP_PORT=8080")
			Expect(err).NotTo(HaveOccurred(), printed)
			Expect(os.RemoveAll(s.path("deps/0/run"))).To(Succeed()) // another container
			return printed
		}
		const back = `"$DEPS_DIR/0/bin/supervise" 'the back' -- `
		Expect(ports(front, "web")).To(Equal("28080 28080 none\n8080 8080 18080 0\n"))
		Expect(ports(back, "web")).To(Equal("28080 28080 none\n18080 18080 28080 0\n"))
		Expect(ports("", "web")).To(Equal("28080 28080 none\n28080 28080 none 0\n"))
		Expect(ports(front, "worker")).To(Equal("18080 18080 none\n8080 8080 18080 0\n"))
		Expect(ports("", "worker")).To(Equal("18080 18080 none\n18080 18080 none 0\n"))
		Expect(ports("", "clock")).To(Equal("8080 8080 none\n8080 8080 none 0\n"))
	})

	it("has a proxy's own env refer to its ports", func() {
		supply("- {name: front, command: ./front, proxy: true, env: {LISTEN: ':$PORT', UPSTREAM: '127.0.0.1:${APP_PORT}'}}")
		Expect(process(front+`bash -c 'echo $LISTEN $UPSTREAM'`, "", "", web, "PORT=8080")).To(Equal(":8080 127.0.0.1:18080\n"))
	})

	it("leaves the port as it is where none can be agreed on, and says so", func() {
		supply("- {name: front, command: ./front, proxy: true}")
		Expect(process("bash -c 'echo $PORT'", "", "", web, "PORT=x")).To(Equal("[supervise] found \"x\" for PORT; expected a number from 1 to 65535\nx\n"))
		Expect(process("bash -c 'echo ${PORT-none}'", "", "", web)).To(Equal("none\n"))
	})

	it("is not there where no sidecar is a proxy", func() {
		supply("- {name: agent, command: ./agent, restart: always}")
		Expect(s.path("deps/0/profile.d/sidecar-ports.sh")).NotTo(BeAnExistingFile())
	})

	context("with an older sidecar buildpack, which sets a proxy's ports in the profile script", func() {
		it.Before(func() { supply("- {name: front, command: ./front, proxy: true}") })
		// older is what that one's script does, given its position in front of or behind ours.
		const older = `
case ${2-} in
'"$DEPS_DIR/1/bin/supervise" theirs -- '*) export PORT=8080 APP_PORT=18080; _sidecars_in_front=yes ;;
*) if [ -z "${_sidecars_in_front-}" ]; then export PORT=18080; fi ;;
esac`

		it("leaves the ports of its proxy alone, and chains ours behind it", func() {
			Expect(process(`: "$DEPS_DIR/1/bin/supervise"; echo $PORT`, older, "", web, "PORT=8080")).To(Equal("28080\n"))
			Expect(process(front+`bash -c 'echo $PORT $APP_PORT'`, older, "", web, "PORT=8080")).To(Equal("18080 28080\n"))
			s.write("deps/1/bin/supervise", "#!/bin/sh\necho $PORT $APP_PORT\n")
			Expect(os.Chmod(s.path("deps/1/bin/supervise"), 0o755)).To(Succeed())
			Expect(process(`"$DEPS_DIR/1/bin/supervise" theirs -- ./theirs`, older, "", web, "PORT=8080")).To(Equal("8080 18080\n"))
		})

		it("keeps ours in front of one that comes later", func() {
			const later = `if [ -z "${_sidecars_in_front-}" ]; then export PORT=28080; fi`
			Expect(process(front+`bash -c 'echo $PORT $APP_PORT'`, "", later, web, "PORT=8080")).To(Equal("8080 18080\n"))
			Expect(process("echo $PORT", "", later, web, "PORT=8080")).To(Equal("28080\n"))
		})
	})

	context("behind another buildpack", func() {
		const proxy = "- {name: front, command: ./front, proxy: true}"

		it.Before(func() { s.index = "1" })

		it("CF-16 warns of a profile script that uses PORT before ours is sourced, where another buildpack is last", func() {
			s.write("deps/0/config.yml", "name: pages\n")
			s.write("deps/0/profile.d/pages.sh", "erb -e '<%= ENV[\"PORT\"] %>' >port\n")
			s.write("deps/0/profile.d/other.sh", "export REPORT=1 SERVER_PORTS=2\n")
			s.write("deps/2/.keep", "")
			supply(proxy)
			Expect(s.log.String()).To(ContainSubstring("The profile script pages.sh of pages, the buildpack in position 0 of this push uses PORT, and runs before the script that sets the app's port behind a proxy: " +
				"if it passes the port on to the app, name this buildpack before that one"))
			Expect(s.log.String()).NotTo(ContainSubstring("other.sh"))

			supply("- {name: agent, command: ./agent, restart: always}")
			Expect(s.log.String()).NotTo(ContainSubstring("pages.sh"))
		})

		it("warns of none where it is the last, and its finalize puts its script first", func() {
			s.write("deps/0/profile.d/pages.sh", "echo $PORT >port\n")
			supply(proxy)
			Expect(s.log.String()).NotTo(ContainSubstring("pages.sh"))
		})
	})
}
