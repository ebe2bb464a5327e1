package supply_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testOverridden is about the app's own scripts, which come after the limits (PR-15).
func testOverridden(t *testing.T, _ spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "0")
		s.write("app/sidecars.yml", "- {name: agent, command: run, memory: 64M}\n")
	})

	for _, line := range []string{"export NODE_OPTIONS='--require ./s3cret.js'", "  JAVA_TOOL_OPTIONS=-javaagent:s3cret.jar\r"} {
		it("warns of a limit that is replaced, and quotes no value: "+line, func() {
			s.write("app/.profile", "#\n"+line+"\n")
			s.write("app/.profile.d/agent.sh", line)
			Expect(s.run()).To(Succeed())
			Expect(s.log.String()).To(MatchRegexp(`\.profile:2 replaces (NODE_OPTIONS|JAVA_TOOL_OPTIONS), and with it the memory limit of the app and of the sidecars without a supervisor; expected (NODE_OPTIONS="\$NODE_OPTIONS …"|JAVA_TOOL_OPTIONS="\$JAVA_TOOL_OPTIONS …"), or a size in it\n`))
			Expect(s.log.String()).To(ContainSubstring(".profile.d/agent.sh:1 replaces "))
			Expect(s.log.String()).NotTo(ContainSubstring("s3cret"))
		})
	}

	for _, line := range []string{
		`export NODE_OPTIONS="$NODE_OPTIONS --require ./a.js"`, `export JAVA_TOOL_OPTIONS="${JAVA_TOOL_OPTIONS:-} -Da=b"`, "export JAVA_TOOL_OPTIONS=-Xmx300m",
		"NODE_OPTIONS=--max-old-space-size=99", "MY_NODE_OPTIONS=x", `echo "$NODE_OPTIONS"`, "# NODE_OPTIONS=x",
	} {
		it("has nothing to say of "+line, func() {
			s.write("app/.profile", line)
			Expect(s.run()).To(Succeed())
			Expect(s.log.String()).NotTo(ContainSubstring("replaces"))
		})
	}

	it("has nothing to say to an app without sidecars", func() {
		s.write("app/sidecars.yml", "[]")
		s.write("app/.profile", "NODE_OPTIONS=x")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).NotTo(ContainSubstring("replaces"))
	})
}
