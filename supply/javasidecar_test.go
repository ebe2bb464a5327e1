package supply_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testJavaSidecar is about sidecars in Java that would take the app's settings for theirs.
func testJavaSidecar(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *staging
	)
	const (
		options = "Sidecar agent starts a JVM with JAVA_OPTS, in which the Java buildpack has the app's options: its heap, its agents under the app's name, its debug port. " +
			`Expected env: {JAVA_OPTS: "OPTIONS"} in sidecars.yml, with the sidecar's own options or none`
		port = "Sidecar agent is a Spring Boot app, and the Java buildpack sets SERVER_PORT, which it listens on, to the app's port. " +
			`Expected env: {SERVER_PORT: "PORT"} in sidecars.yml, with a port of its own`
	)
	jar := func(entries ...string) string {
		var content bytes.Buffer
		writer := zip.NewWriter(&content)
		for _, name := range entries {
			_, err := writer.Create(name)
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(writer.Close()).To(Succeed())
		return content.String()
	}

	it.Before(func() {
		s = stage(t, "0")
		s.write("buildpack/bin/supervise", "the program")
		s.languages = []string{"java"}
		s.write("app/bin/agent", "#!/bin/sh\nexec java $JAVA_OPTS -cp lib Agent\n")
		s.write("app/bin/other", "#!/bin/sh\nexec java -cp lib Agent\n")
		s.write("app/boot.jar", jar("BOOT-INF/classes/A.class", "META-INF/MANIFEST.MF"))
		s.write("app/plain.jar", jar("A.class"))
	})
	staged := func(command string, more string) string {
		t.Helper()
		s.write("app/sidecars.yml", fmt.Sprintf("- {name: agent, memory: 64M, command: %q%s}\n", command, more))
		Expect(s.run()).To(Succeed())
		return s.log.String()
	}

	for _, command := range []string{"exec java $JAVA_OPTS -jar plain.jar", "java ${JAVA_OPTS} Agent", "cd lib && eval java \"$JAVA_OPTS\" Agent", "bin/agent", "exec ./bin/agent --fast", "sh bin/agent"} {
		it("warns of the app's options: "+command, func() {
			Expect(staged(command, "")).To(ContainSubstring(options))
			Expect(staged(command, ", env: {JAVA_OPTS: ''}")).NotTo(ContainSubstring("JAVA_OPTS, in which"))
		})
	}

	for _, command := range []string{"java -jar plain.jar", "JAVA_OPTS=-Xss1m bin/agent", "export JAVA_OPTS=; java $JAVA_OPTS Agent", "bin/other", "bin/missing"} {
		it("says nothing of the app's options where they do not reach the JVM: "+command, func() {
			Expect(staged(command, "")).NotTo(ContainSubstring("JAVA_OPTS, in which"))
		})
	}

	for _, command := range []string{"exec java -Xmx64m -jar boot.jar", "\"$JAVA_HOME/bin/java\" -jar boot.jar", "java -jar \"$HOME/boot.jar\" --fast"} {
		it("warns of the app's port: "+command, func() {
			Expect(staged(command, "")).To(ContainSubstring(port))
			Expect(staged(command, ", env: {SERVER_PORT: 9090}")).NotTo(ContainSubstring("SERVER_PORT, which"))
		})
	}

	for _, command := range []string{"java -jar plain.jar", "java -jar boot.jar --server.port=9090", "java -Dserver.port=9090 -jar boot.jar", "SERVER_PORT=9090 java -jar boot.jar", "java -jar missing.jar", "java -jar"} {
		it("says nothing of the app's port of "+command, func() {
			Expect(staged(command, "")).NotTo(ContainSubstring("SERVER_PORT, which"))
		})
	}

	it("says nothing of the port of a proxy, which its supervisor sets", func() {
		Expect(staged("java -jar boot.jar", ", proxy: true")).NotTo(ContainSubstring("SERVER_PORT, which"))
	})

	it("says nothing without the Java buildpack", func() {
		s.languages = []string{"nodejs"}
		Expect(staged("java $JAVA_OPTS -jar boot.jar", "")).NotTo(ContainSubstring("the Java buildpack"))
	})
}
