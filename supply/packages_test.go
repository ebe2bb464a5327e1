package supply_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testPackages(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect   = NewWithT(t).Expect
		s        *staging
		released map[string]string // SHA-256 by file name
	)

	// release writes a file where a URI finds it.
	release := func(name, content string) {
		s.write("released/"+name, content)
		sum := sha256.Sum256([]byte(content))
		released[name] = hex.EncodeToString(sum[:])
	}
	archive := func(files ...string) string {
		var buffer bytes.Buffer
		w := tar.NewWriter(&buffer)
		for _, name := range files {
			mode := int64(0o644)
			if strings.HasPrefix(name, "agent-1.2/bin/") {
				mode = 0o755
			}
			Expect(w.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(name))})).To(Succeed())
			_, err := w.Write([]byte(name))
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(w.Close()).To(Succeed())
		return buffer.String()
	}
	uri := func(name string) string { return "file://" + s.path("released/"+name) }

	it.Before(func() {
		s = stage(t, "0")
		released = map[string]string{}
		release("agent.tar", archive("agent-1.2/bin/agent", "agent-1.2/bin/helper", "agent-1.2/plain"))
		release("monitor-amd64", "the monitor")
		s.write("buildpack/manifest.yml", fmt.Sprintf(`language: sidecar
default_versions: [{name: agent, version: 1.2.x}]
dependencies:
- {name: agent, version: 1.2.0, uri: '%s', sha256: %s, cf_stacks: [cflinuxfs4]}
- {name: agent, version: 1.3.0, uri: 'file:///nothing', sha256: %[2]s, cf_stacks: [cflinuxfs4]}
`, uri("agent.tar"), released["agent.tar"]))
	})

	it("installs a dependency of manifest.yml, and runs the program that is named", func() {
		s.write("app/sidecars.yml", "- {name: my agent, dependency: agent, strip: 1, executable: bin/agent, memory: 1M}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.tree()).To(And(
			HaveKeyWithValue("/deps/0/packages/agent-1.2.0-"+released["agent.tar"][:8]+"/bin/agent", "-rwxr-xr-x agent-1.2/bin/agent"),
			HaveKeyWithValue("/deps/0/packages/agent-1.2.0-"+released["agent.tar"][:8]+"/plain", "-rw-r--r-- agent-1.2/plain")))
		Expect(os.Readlink(s.path("deps/0/bin/agent"))).To(Equal("../packages/agent-1.2.0-" + released["agent.tar"][:8] + "/bin/agent"))
		Expect(s.launched("0")).To(HaveExactElements(HaveField("Command", `"$DEPS_DIR/0/bin/agent"`)))
		Expect(s.log.String()).To(ContainSubstring("-----> Installing my agent 1.2.0\n"))
	})

	it("installs an artifact of the app's own, a bare executable", func() {
		s.write("app/sidecars.yml", fmt.Sprintf("- {name: performance monitor, memory: 1M, artifact: {uri: '%s', sha256: %s}}\n", uri("monitor-amd64"), released["monitor-amd64"]))
		Expect(s.run()).To(Succeed())
		place := "/deps/0/packages/monitor-amd64-" + released["monitor-amd64"][:8] + "/monitor-amd64"
		Expect(s.tree()).To(HaveKeyWithValue(place, "-rwxr-xr-x the monitor"))
		Expect(s.launched("0")).To(HaveExactElements(HaveField("Command", `"$DEPS_DIR/0/bin/monitor-amd64"`)))
	})

	it("installs once what two sidecars run, and leaves the same tree where it runs twice", func() {
		s.write("app/sidecars.yml", "- {name: a, dependency: agent, strip: 1, executable: bin/agent}\n"+
			"- {name: b, dependency: agent, strip: 1, executable: bin/helper}\n- {name: c, dependency: agent, strip: 1, executable: bin/agent, command: agent again}\n")
		Expect(s.run()).To(Succeed())
		Expect(strings.Count(s.log.String(), "-----> Installing")).To(Equal(1))
		first := s.tree()
		Expect(first).To(And(HaveKey("/deps/0/bin/agent"), HaveKey("/deps/0/bin/helper")))
		Expect(s.run()).To(Succeed())
		Expect(s.tree()).To(Equal(first))
	})

	it("shares an artifact, and a bare program whichever sidecar comes first", func() {
		s.write("app/sidecars.yml", fmt.Sprintf("- {name: data, command: sleep 1, artifact: {uri: '%[1]s', sha256: %[2]s}}\n- {name: one, artifact: {uri: '%[1]s', sha256: %[2]s, executable: run}}\n"+
			"- {name: two, command: run --other, artifact: {uri: '%[1]s', sha256: %[2]s, executable: run}}\n", uri("monitor-amd64"), released["monitor-amd64"]))
		Expect(s.run()).To(MatchError(ContainSubstring("found no program")))
		s.write("app/sidecars.yml", fmt.Sprintf("- {name: one, artifact: {uri: '%[1]s', sha256: %[2]s, executable: run}}\n"+
			"- {name: two, command: run --other, artifact: {uri: '%[1]s', sha256: %[2]s, executable: run}}\n", uri("monitor-amd64"), released["monitor-amd64"]))
		Expect(s.run()).To(Succeed())
		Expect(strings.Count(s.log.String(), "-----> Installing")).To(Equal(1))

		s.write("buildpack/manifest.yml", fmt.Sprintf("language: sidecar\ndependencies: [{name: tool, version: 1.0.0, uri: '%s', sha256: %s, cf_stacks: [cflinuxfs4]}]\n", uri("monitor-amd64"), released["monitor-amd64"]))
		s.write("app/sidecars.yml", "- {name: data, dependency: tool, command: sleep 1}\n- {name: run, dependency: tool, executable: tool}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.path("deps/0/bin/tool")).To(BeAnExistingFile())
	})

	it("makes a program executable whose archive has not kept that it is", func() {
		s.write("app/sidecars.yml", "- {name: a, dependency: agent, strip: 1, executable: plain}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.tree()).To(HaveKeyWithValue("/deps/0/packages/agent-1.2.0-"+released["agent.tar"][:8]+"/plain", "-rwxr-xr-x agent-1.2/plain"))
	})

	it("installs files that are not programs", func() {
		s.write("app/sidecars.yml", "- {name: a, dependency: agent, command: sh run}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.path("deps/0/packages/agent-1.2.0-" + released["agent.tar"][:8] + "/agent-1.2/plain")).To(BeAnExistingFile())
		Expect(s.path("deps/0/bin")).NotTo(BeADirectory())
	})

	it("takes a version from another buildpack's override.yml", func() {
		s.index = "1"
		s.write("deps/0/override.yml", fmt.Sprintf("sidecar:\n  dependencies: [{name: agent, version: 1.2.5, uri: '%s', sha256: %s, cf_stacks: [cflinuxfs4]}]\n", uri("monitor-amd64"), released["monitor-amd64"]))
		s.write("app/sidecars.yml", "- {name: a, dependency: agent, executable: agent}\n")
		Expect(s.run()).To(Succeed())
		Expect(s.tree()).To(HaveKeyWithValue("/deps/1/packages/agent-1.2.5-"+released["monitor-amd64"][:8]+"/agent", "-rwxr-xr-x the monitor"))
	})

	context("failure cases", func() {
		for _, broken := range []struct{ content, problem string }{
			{"- {name: a, dependency: agnet, executable: x}", `sidecars.yml:1: sidecar "a": manifest.yml has no dependency "agnet"; did you mean agent? It has agent`},
			{"- {name: a, dependency: agent, version: 2.x, executable: x}\n- {name: b, dependency: agnet, executable: y}",
				`sidecars.yml:1: sidecar "a": dependency "agent" has no version "2.x" for the stack "cflinuxfs4"; it has 1.2.0, 1.3.0` + "\n" +
					`sidecars.yml:2: sidecar "b": manifest.yml has no dependency "agnet"; did you mean agent? It has agent`},
			{"- {name: a, dependency: agent, strip: 1, executable: bin/agent}\n- {name: b, dependency: agent, executable: bin/helper}",
				`sidecars.yml:2: sidecar "b": found strip 0; expected 1, as sidecar "a" has it for the same files`},
			{"- {name: config-server}\n- {name: b, dependency: agent, executable: bin/config-server}",
				`sidecars.yml:2: sidecar "b": found an executable called "config-server"; expected another name, as sidecar "config-server" has another program called so`},
		} {
			it("leaves the tree as it is: "+broken.problem, func() {
				s.write("app/sidecars.yml", "- name: config-server\n")
				Expect(s.run()).To(Succeed())
				s.write("app/sidecars.yml", broken.content)
				before := s.tree()
				Expect(s.run()).To(MatchError(broken.problem))
				Expect(s.tree()).To(Equal(before))
			})
		}

		it("lists the programs that there are", func() {
			s.write("app/sidecars.yml", "- {name: a, dependency: agent, strip: 1, executable: agent}\n")
			Expect(s.run()).To(MatchError(`failed to install sidecar "a": found no program "agent" in what was unpacked; it holds bin/agent, bin/helper`))
			Expect(s.path("deps/0/launch.yml")).NotTo(BeAnExistingFile())
		})

		it("does not follow a program out of its package", func() {
			var buffer bytes.Buffer
			w := tar.NewWriter(&buffer)
			Expect(w.WriteHeader(&tar.Header{Name: "agent", Typeflag: tar.TypeSymlink, Linkname: "/bin/sh"})).To(Succeed())
			Expect(w.Close()).To(Succeed())
			release("link.tar", buffer.String())
			s.write("app/sidecars.yml", fmt.Sprintf("- {name: a, artifact: {uri: '%s', sha256: %s, executable: agent}}\n", uri("link.tar"), released["link.tar"]))
			Expect(s.run()).To(MatchError(ContainSubstring(`entry "agent" of the archive: found a symbolic link to "/bin/sh"; expected one that stays in the archive`)))
			Expect(os.ReadDir(s.path("deps/0/packages"))).To(BeEmpty())
		})

		it("declares nothing where the file is another one", func() {
			s.write("app/sidecars.yml", fmt.Sprintf("- {name: a, artifact: {uri: '%s', sha256: %s}}\n", uri("monitor-amd64"), released["agent.tar"]))
			err := s.run()
			Expect(err).To(MatchError(ContainSubstring("the checksum is wrong: found sha256:" + released["monitor-amd64"])))
			Expect(err).NotTo(BeAssignableToTypeOf(sidecar.Problems{}))
			Expect(s.path("deps/0/launch.yml")).NotTo(BeAnExistingFile())
		})
	})
}
