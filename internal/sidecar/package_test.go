package sidecar_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
)

func testPackage(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		catalog sidecar.Catalog
	)
	sum := strings.Repeat("0a", 32)

	it.Before(func() {
		var err error
		catalog, err = sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte(
			"[[metadata.sidecars]]\nname = \"collector\"\ndependency = \"otel\"\nversion = \"0.1.x\"\nexecutable = \"bin/otel\"\nstrip = 1\n" +
				"[[metadata.sidecars]]\nname = \"own\"\nexecutable = \"own-program\"\n")})
		Expect(err).NotTo(HaveOccurred())
	})
	resolve := func(content string, environ ...string) ([]sidecar.Definition, error) {
		definitions, _, err := sidecar.Resolve(sidecar.Request{
			Catalog: catalog, Environ: environ, Sources: []sidecar.Source{{Name: "sidecars.yml", Content: []byte(content)}}})
		return definitions, err
	}
	program := func(content string, environ ...string) sidecar.Package {
		t.Helper()
		definitions, err := resolve(content, environ...)
		Expect(err).NotTo(HaveOccurred())
		Expect(definitions).To(HaveLen(1))
		return definitions[0].Package
	}

	it("is none if the app contains the program", func() {
		Expect(program("- {name: a, command: b}").NeedsInstall()).To(BeFalse())
	})

	it("is one of the buildpack's own", func() {
		own := program("- name: own")
		Expect(own).To(Equal(sidecar.Package{Executable: "own-program"}))
		Expect(own.NeedsInstall()).To(BeTrue())
		Expect(own.NeedsDownload()).To(BeFalse())
	})

	it("comes from a dependency of the catalog, of which the app may say another version", func() {
		Expect(program("- name: collector")).To(Equal(sidecar.Package{Dependency: "otel", Version: "0.1.x", Executable: "bin/otel", Artifact: artifact.Artifact{Strip: 1}}))
		Expect(program("- {name: collector, version: 0.2.0}")).To(Equal(sidecar.Package{Dependency: "otel", Version: "0.2.0", Executable: "bin/otel", Artifact: artifact.Artifact{Strip: 1}}))
		Expect(program("- {name: collector, dependency: otel, version: 0.2.0}").Executable).To(Equal("bin/otel"), "the same dependency")
		Expect(program("- {name: collector, version: 1.10}").Version).To(Equal("1.10"), "not a number")
		Expect(program("- name: collector", "SIDECAR_COLLECTOR_VERSION=0.3.x").Version).To(Equal("0.3.x"))
	})

	it("comes from a dependency that the app names", func() {
		named := program("- {name: a, dependency: envoy, executable: ./bin//envoy, strip: 2}")
		Expect(named).To(Equal(sidecar.Package{Dependency: "envoy", Executable: "bin/envoy", Artifact: artifact.Artifact{Strip: 2}}))
		Expect(named.Name()).To(Equal("envoy"))
		Expect(named.NeedsDownload()).To(BeTrue())
	})

	it("comes from an artifact of the app's own", func() {
		Expect(program("- name: a\n  artifact: {uri: https://example.com/a.tar.gz, sha256: " + strings.ToUpper(sum) + ", strip: 1, executable: bin/a}")).To(Equal(
			sidecar.Package{Artifact: artifact.Artifact{URI: "https://example.com/a.tar.gz", Checksum: sum, Strip: 1}, Executable: "bin/a"}))
	})

	it("is what the artifact's URI names, where that is not an archive", func() {
		Expect(program("- {name: a, artifact: {uri: 'https://example.com/agent-amd64?x=y', sha256: " + sum + "}}").Executable).To(Equal("agent-amd64"))
	})

	it("is called without the ending of its compression, and is none where the URI names an archive", func() {
		for name, executable := range map[string]string{
			"agent.gz": "agent", "agent-1.0.XZ": "agent-1.0", "agent.bz2": "agent", "agent.zst": "agent", "agent.deb": "agent.deb",
			"a.tar": "", "a.tgz": "", "a.tar.gz": "", "a.tar.xz": "", "a.TAR.ZST": "", "a.tzst": "", "a.tbz": "", "a.zip": "",
		} {
			Expect(program("- {name: a, command: b, artifact: {uri: 'https://example.com/"+name+"', sha256: "+sum+"}}").Executable).To(Equal(executable), name)
		}
	})

	it("may be no program at all where there is a command", func() {
		Expect(program("- {name: a, command: sh run, artifact: {uri: 'https://example.com/a.zip', sha256: " + sum + "}}").Name()).To(BeEmpty())
	})

	it("is replaced as a whole by one from elsewhere", func() {
		Expect(program("- {name: collector, artifact: {uri: 'file:///a', sha256: " + sum + "}}")).To(Equal(
			sidecar.Package{Artifact: artifact.Artifact{URI: "file:///a", Checksum: sum}, Executable: "a"}))
		Expect(program("- name: collector", "SIDECAR_COLLECTOR_ARTIFACT={uri: 'file:///a', sha256: "+sum+"}").Dependency).To(BeEmpty())
		Expect(program("- {name: a, artifact: {uri: 'file:///a', sha256: "+sum+"}}", "SIDECAR_A_DEPENDENCY=otel", "SIDECAR_A_EXECUTABLE=x")).To(Equal(
			sidecar.Package{Dependency: "otel", Executable: "x"}))
	})

	context("failure cases", func() {
		for _, broken := range []struct{ content, problem string }{
			{"- {name: a, artifact: x}", `sidecars.yml:1: sidecar "a": artifact: found no mapping; expected a mapping with the keys uri, sha256, strip, executable`},
			{"- {name: a, command: b, artifact: {}}", `sidecars.yml:1: sidecar "a": artifact: found no uri; expected the key uri: where the file is
sidecars.yml:1: sidecar "a": artifact: found no sha256; expected the key sha256: nothing is installed that has not been verified`},
			{"- {name: a, artifact: {uri: 'https://example.com/a', sha256: '" + sum + "', sha512: x}}", `sidecars.yml:1: sidecar "a": artifact: found the key "sha512"; expected one of the keys uri, sha256, strip, executable, a colon and a blank`},
			{"- {name: a, artifact: {uri: 'https://example.com/a', sha256: 12}}", `sidecars.yml:1: sidecar "a": artifact: sha256: found 2 characters; expected the 64 hexadecimal digits of the file's SHA-256, in quotes`},
			{"- {name: a, command: b, artifact: {uri: 'ftp://user:secret@example.com/a', sha256: '" + sum + "'}}", `sidecars.yml:1: sidecar "a": artifact: uri: found text that is not the URI of a file; expected one such as https://example.com/agent-1.2.3.tar.gz, with http, https or file in front`},
			{"- {name: a, artifact: {uri: 'https://example.com/a.tgz', sha256: '" + sum + "'}}", `sidecars.yml:1: sidecar "a": found no command; expected the key executable of the artifact: the program's path below what is unpacked; or the key command`},
			{"- {name: a, artifact: {uri: 'https://example.com/a.tgz', sha256: '" + sum + "', executable: ../a}}", `sidecars.yml:1: sidecar "a": artifact: executable: found "../a"; expected the path of a program below what is unpacked, such as bin/agent, without quotes, backslashes and dollar signs`},
			{"- {name: a, dependency: b, executable: c, strip: -1}", `sidecars.yml:1: sidecar "a": strip: found the number -1; expected a whole number from 0 to 32`},
			{"- {name: a, dependency: b, executable: 'c$(d)'}", `sidecars.yml:1: sidecar "a": executable: found "c$(d)"; expected the path of a program below what is unpacked, such as bin/agent, without quotes, backslashes and dollar signs`},
			{"- {name: a, dependency: b}", `sidecars.yml:1: sidecar "a": found a dependency without an executable; expected the key executable: the program's path below what is unpacked; or the key command`},
			{"- {name: a, command: b, version: 1.x}", `sidecars.yml:1: sidecar "a": found a version without a dependency; expected the key dependency, with a name from the buildpack's manifest.yml`},
			{"- {name: a, command: b, executable: c}", `sidecars.yml:1: sidecar "a": found an executable that no dependency or artifact contains; expected the key dependency, or the key artifact with uri and sha256; a program of the app's own goes into command`},
			{"- {name: a, artifact: {'uri:https://user:s3cret@example.com/a': }}", `sidecars.yml:1: sidecar "a": artifact: found the key "uri…"; expected one of the keys uri, sha256, strip, executable, a colon and a blank
sidecars.yml:1: sidecar "a": artifact: found no uri; expected the key uri: where the file is
sidecars.yml:1: sidecar "a": artifact: found no sha256; expected the key sha256: nothing is installed that has not been verified`},
			{"- {name: a, artifact: {uri: 'https:///a', sha256: 'https://user:s3cret@example.com/a'}, command: b}", `sidecars.yml:1: sidecar "a": artifact: uri: found text that is not the URI of a file; expected one such as https://example.com/agent-1.2.3.tar.gz, with http, https or file in front
sidecars.yml:1: sidecar "a": artifact: sha256: found 33 characters; expected the 64 hexadecimal digits of the file's SHA-256, in quotes`},
			{"- {name: a, artifact: {uri: 'file:///x%22;%20touch%20pwned;%20%22', sha256: '" + sum + "'}}", `sidecars.yml:1: sidecar "a": found no command; expected the key executable of the artifact: the program's path below what is unpacked; or the key command`},
			{"- {name: a, executable: b, artifact: {uri: 'file:///x', sha256: '" + sum + "', executable: c}}", `sidecars.yml:1: sidecar "a": artifact: found strip or executable both in the artifact and next to it; expected each once`},
			{"- {name: a, artifact: {uri: 'file:///x', sha256: '" + sum + "', executable: c}, executable: b}", `sidecars.yml:1: sidecar "a": artifact: found strip or executable both in the artifact and next to it; expected each once`},
			{"- {name: own, strip: 1}", `sidecars.yml:1: sidecar "own": found strip for a program of the buildpack's own; expected the key dependency next to it, or no strip`},
			{"- {name: own, executable: c}", `sidecars.yml:1: sidecar "own": found an executable that no dependency or artifact contains; expected the key dependency, or the key artifact with uri and sha256; a program of the app's own goes into command`},
			{"- {name: a, command: b, dependency: c, artifact: {uri: 'file:///a', sha256: '" + sum + "'}}", `sidecars.yml:1: sidecar "a": found both a dependency and an artifact; expected one of them`},
		} {
			it("refuses "+strings.ReplaceAll(broken.content, sum, "SUM"), func() {
				_, err := resolve(broken.content)
				Expect(err).To(MatchError(broken.problem))
			})
		}
	})
}
