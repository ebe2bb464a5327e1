package supply_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testOverridden is about the app's own scripts, which come after the limits (CF-15).
func testOverridden(t *testing.T, _ spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "0")
		s.write("app/sidecars.yml", "- {name: agent, command: run, memory: 64M}\n")
	})

	for _, line := range []string{
		"export NODE_OPTIONS='--require ./s3cret.js'", "  JAVA_TOOL_OPTIONS=-javaagent:s3cret.jar\r", "NODE_OPTIONS=--s3cret; export NODE_OPTIONS",
		"export A=b NODE_OPTIONS=--s3cret", "declare -x NODE_OPTIONS=--s3cret", "typeset -gx NODE_OPTIONS=--s3cret", "readonly NODE_OPTIONS=--s3cret",
		"printf -v NODE_OPTIONS %s --s3cret", "read -r NODE_OPTIONS <<<s3cret", "[ -z \"$DEBUG\" ] || export NODE_OPTIONS=--s3cret", "if true; then NODE_OPTIONS=--s3cret; fi",
		"builtin printf -v NODE_OPTIONS --s3cret", "options=--s3cret; export NODE_OPTIONS=\"$options\"", "export NODE_OPTIONS=",
	} {
		it("warns of a limit that is replaced, and quotes no value: "+line, func() {
			s.write("app/.profile", "#\n"+line+"\n")
			s.write("app/.profile.d/agent.sh", line)
			Expect(s.run()).To(Succeed())
			Expect(s.log.String()).To(MatchRegexp(`\.profile:2 replaces (NODE_OPTIONS|JAVA_TOOL_OPTIONS), and with it the memory limit of the app and of the sidecars without a supervisor; expected (NODE_OPTIONS="\$NODE_OPTIONS …"|JAVA_TOOL_OPTIONS="\$JAVA_TOOL_OPTIONS …"), or a size in it\n`))
			Expect(s.log.String()).To(ContainSubstring(".profile.d/agent.sh:1 replaces "))
			Expect(s.log.String()).NotTo(ContainSubstring("s3cret"))
		})
	}

	for _, line := range []string{"unset NODE_OPTIONS", "unset -v A GOMEMLIMIT", "export -n JAVA_TOOL_OPTIONS", "declare +x DOTNET_GCHeapHardLimit"} {
		it("warns of a limit that is removed: "+line, func() {
			s.write("app/.profile", "\n"+line+"\n")
			Expect(s.run()).To(Succeed())
			Expect(s.log.String()).To(MatchRegexp(`\.profile:2 removes (NODE_OPTIONS|GOMEMLIMIT|JAVA_TOOL_OPTIONS|DOTNET_GCHeapHardLimit), and with it the memory limit of the app and of the sidecars without a supervisor; expected it to stay`))
		})
	}

	for _, line := range []string{`: "${NODE_OPTIONS:=--require ./s3cret.js}"`, `export NODE_OPTIONS="${NODE_OPTIONS:-s3cret}"`, `export NODE_OPTIONS=${NODE_OPTIONS-s3cret}`} {
		it("warns of a limit that is left out, since it would be in the way of the app's own default: "+line, func() {
			s.write("app/.profile", line)
			Expect(s.run()).To(Succeed())
			Expect(s.log.String()).To(ContainSubstring(`.profile:1 sets NODE_OPTIONS only where it is not set, so that it is left without the memory limit for the app and the sidecars; expected NODE_OPTIONS="${NODE_OPTIONS:-} …", or a size in it`))
			Expect(s.log.String()).NotTo(ContainSubstring("s3cret"))
		})
	}

	it("looks into the scripts that these source", func() {
		s.write("app/.profile", "set -a\n. ./config/env.sh\nsource \"$HOME/other.env\"\n. /etc/profile\n. ./config/env.sh\n")
		s.write("app/config/env.sh", "\nNODE_OPTIONS=--require=x\n")
		s.write("app/other.env", "JAVA_TOOL_OPTIONS=-Da=b\n. ./other.env\n")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(And(ContainSubstring("config/env.sh:2 replaces NODE_OPTIONS"), ContainSubstring("other.env:1 replaces JAVA_TOOL_OPTIONS")))
	})

	it("counts what comes before an error of the script's", func() {
		s.write("app/.profile", "NODE_OPTIONS=x\n)\n")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring(".profile:1 replaces NODE_OPTIONS"))
	})

	for _, line := range []string{
		`export NODE_OPTIONS="$NODE_OPTIONS --require ./a.js"`, `export JAVA_TOOL_OPTIONS="${JAVA_TOOL_OPTIONS:-} -Da=b"`, "export JAVA_TOOL_OPTIONS=-Xmx300m",
		"NODE_OPTIONS=--max-old-space-size=99", "MY_NODE_OPTIONS=x", "NODE_OPTIONS=--inspect node setup.js",
		"NODE_OPTIONS+=' --require ./a.js'", `options="$NODE_OPTIONS -r a"; export NODE_OPTIONS="$options"`, `printf -v NODE_OPTIONS '%s -r a' "$NODE_OPTIONS"`,
		"(NODE_OPTIONS=x; node setup.js)", "version=$(NODE_OPTIONS=x; node --version)", "echo a | read NODE_OPTIONS", "NODE_OPTIONS=x &", "export GOMEMLIMIT=100MiB",
		`export NODE_OPTIONS="${NODE_OPTIONS:+$NODE_OPTIONS }-r a"`, `: "${NODE_OPTIONS:=--max-old-space-size=99}"`, "cat <<EOF\nNODE_OPTIONS=x\nEOF", "a=$b; b=$a; echo",
		`echo "$NODE_OPTIONS"`, "# NODE_OPTIONS=x",
	} {
		it("has nothing to say of "+line, func() {
			s.write("app/.profile", line)
			Expect(s.run()).To(Succeed())
			Expect(s.log.String()).NotTo(Or(ContainSubstring("replaces"), ContainSubstring("memory limit")))
		})
	}

	it("has nothing to say to an app without sidecars", func() {
		s.write("app/sidecars.yml", "[]")
		s.write("app/.profile", "NODE_OPTIONS=x")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).NotTo(ContainSubstring("replaces"))
	})
}
