package supply_test

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testJava(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "0")
		s.memory, s.languages = 1024, []string{"nodejs", "java"}
		Expect(os.MkdirAll(s.path("deps/1"), 0o755)).To(Succeed())
		s.write("app/Main.class", "")
		s.write("app/sidecars.yml", "- {name: agent, command: x, memory: 288M}\n")
	})

	const takes = "The Java buildpack's memory calculator takes 596M for all but the heap (direct memory 10M + metaspace 96M + code cache 240M + stacks of 250 threads 250M)"

	it("says how much memory an app of the Java buildpack needs to start with its sidecars", func() {
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring(takes + "; with sidecars that reserve 288M (agent 288M), an app starts in a process web of more than 884M alone."))
		Expect(s.log.String()).NotTo(ContainSubstring("WARNING"))
	})

	it("CF-13 warns where not even the staging container has as much", func() {
		s.write("app/sidecars.yml", "- {name: agent, command: x, memory: 512M}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring("**WARNING**"))
		Expect(s.log.String()).To(ContainSubstring(takes + ", and the app of the process web has 512M of its 1G, since its sidecars reserve 512M (agent 512M), so it does not start. Give the process more memory, "))
	})

	it("takes the settings of the app's environment for those that the Java buildpack will have", func() {
		s.environ = []string{"JBP_CONFIG_OPEN_JDK_JRE={memory_calculator: {stack_threads: 40}}"}
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring("an app starts in a process web of more than 674M alone."))
	})

	for _, one := range []struct {
		reason string
		change func()
	}{
		{"no sidecar reserves anything", func() { s.write("app/sidecars.yml", "- {name: agent, command: x}\n") }},
		{"the app has a start command of its own", func() { s.write("app/Procfile", "web: java -jar app.jar\n") }},
		{"the Java buildpack is none of the push's", func() { s.languages = []string{"nodejs"} }},
		{"no other buildpack follows, which would make the start command", func() { Expect(os.Remove(s.path("deps/1"))).To(Succeed()) }},
	} {
		it("says nothing where "+one.reason, func() {
			one.change()
			Expect(s.run()).To(Succeed())
			Expect(s.log.String()).NotTo(ContainSubstring("calculator"))
		})
	}
}
