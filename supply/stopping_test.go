package supply_test

import (
	"fmt"
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testStopping is about apps of whose end a sidecar that stops after them cannot know.
func testStopping(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)

	it.Before(func() {
		s = stage(t, "0")
		s.write("buildpack/bin/supervise", "the program")
		s.languages = []string{"nodejs"}
		Expect(os.MkdirAll(s.path("deps/1"), 0o755)).To(Succeed())
		s.write("app/sidecars.yml", "- {name: gateway, command: x, memory: 1M, process_types: [web, worker], stop-after-app: true}\n- {name: other, command: x, memory: 1M}\n")
		s.write("app/package.json", `{"scripts": {"start": "node server.js", "passes": "exec node server.js"}}`)
	})

	for _, one := range [][2]string{
		{"npm start", "npm"}, {"exec npm run start", "npm"}, {"cd app && NODE_ENV=production npm start", "npm"}, {"/usr/bin/npm start", "npm"},
		{"yarn start", "yarn"}, {"yarn run passes", "yarn"}, {"pnpm start", "pnpm"}, {"npx node server.js", "npx"}, {"npm run missing", "npm"}, {`"npm" 'start'`, "npm"},
	} {
		command, manager := one[0], one[1]
		it("warns of an app that does not hear of its end: "+command, func() {
			s.write("app/Procfile", fmt.Sprintf("web: %q\n", command))
			Expect(s.run()).To(Succeed())
			Expect(s.log.String()).To(ContainSubstring("The process web is started by " + manager + ", which ends on SIGTERM at once and does not pass it on to the app. " +
				"So sidecar gateway, with stop-after-app, stops as early, and the app is ended without having been told. Expected the program itself as its command, such as node server.js"))
			if manager == "npm" || manager == "pnpm" {
				Expect(s.log.String()).To(ContainSubstring(`, or exec in front of it in the script in package.json, as in "start": "exec node server.js"`))
			}
			Expect(s.log.String()).NotTo(ContainSubstring("sidecar other"))
			Expect(s.log.String()).NotTo(ContainSubstring("process worker"))
		})
	}

	for _, command := range []string{"node server.js", "npm run passes", "exec pnpm passes", "npm ci; node server.js", "./npm.sh", "echo npm start", "if"} {
		it("has nothing to say of "+command, func() {
			s.write("app/Procfile", "web: \""+command+"\"\n")
			Expect(s.run()).To(Succeed())
			Expect(s.log.String()).NotTo(ContainSubstring("SIGTERM"))
		})
	}

	it("knows what the Node.js buildpack starts an app with that has no command", func() {
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).To(ContainSubstring("The process web is started by npm, "))
		s.languages = []string{"python"}
		Expect(s.run()).To(Succeed())
		Expect(s.log.String()).NotTo(ContainSubstring("SIGTERM"))
	})
}
