package integration_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

const tutorialConfig = `{"Scope":"some-service.admin","Password":"not-a-real-p4$$w0rd"}`

func testExamples(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	// example copies an example app, so that nothing is built in the repository,
	// with ports of its own in its manifest.
	example := func(name string) string {
		t.Helper()
		directory := filepath.Join(t.TempDir(), name)
		Expect(os.CopyFS(directory, os.DirFS(filepath.Join(built.root, "examples", name)))).To(Succeed())
		manifest := filepath.Join(directory, "manifest.yml")
		content, err := os.ReadFile(manifest)
		Expect(err).NotTo(HaveOccurred())
		own := strings.NewReplacer("8082", testport.Free(t), "8083", testport.Free(t)).Replace(string(longStart(content)))
		Expect(os.WriteFile(manifest, []byte(own), 0o644)).To(Succeed())
		return directory
	}
	compiled := func(name string) string {
		t.Helper()
		directory := example(name)
		goBuild(t, filepath.Join(directory, name), "./examples/"+name)
		return directory
	}
	build := func(directory string, args ...string) {
		t.Helper()
		script := exec.Command(filepath.Join(directory, "build.sh"), args...)
		output, err := script.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
	}
	const web, configServer = "APP/PROC/WEB/0", "APP/PROC/WEB/SIDECAR/CONFIG-SERVER/0"

	it("go-app asks the config-server", func() {
		port := testport.Free(t)
		s := sidecar(t, compiled("go-app"), "push", "--port", port)
		Expect(s.get("/config")).To(Equal(tutorialConfig + "\n"))
		s.expectLine(configServer, "Received a request for config.")
		s.expectLine(web, "Received 64 bytes from the config-server sidecar")
		Expect(s.log()).NotTo(ContainSubstring("p4$$w0rd"), "the configuration is never logged")
		s.stop()

		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		Expect(err).NotTo(HaveOccurred(), "the port is free again")
		Expect(listener.Close()).To(Succeed())
	})

	it("ruby-app, the tutorial's, asks the config-server", func() {
		need(t, "ruby", "rackup")
		s := sidecar(t, example("ruby-app"), "push")
		Expect(strings.TrimSpace(s.get("/config"))).To(Equal(tutorialConfig))
		s.expectLine(configServer, "Received a request for config.")
		s.stop()
	})

	it("java-app carries the sidecar's binary in its jar", func() {
		need(t, "java", "javac", "jar")
		directory := example("java-app")
		program := filepath.Join(t.TempDir(), "config-server")
		goBuild(t, program, "./cmd/config-server")
		build(directory, filepath.Join(directory, "build"), program)
		s := sidecar(t, directory, "push")
		Expect(strings.TrimSpace(s.get("/config"))).To(Equal(tutorialConfig))
		s.expectLine("APP/PROC/WEB/SIDECAR/BUNDLED-CONFIG-SERVER/0", "Received a request for config.")
		s.stop()
	})

	it("worker-app has two sidecars on two process types", func() {
		s := sidecar(t, compiled("worker-app"), "push")
		Expect(s.get("/processes")).To(And(ContainSubstring(`"web"`), ContainSubstring(`"metrics"`), ContainSubstring(`"memory_limit":"224m"`)))
		s.expectLine("APP/PROC/WEB/SIDECAR/METRICS/0", "metrics is ready, MEMORY_LIMIT is 32m")
		s.expectLine("APP/PROC/WORKER/SIDECAR/METRICS/0", "metrics is ready, MEMORY_LIMIT is 32m")
		s.expectLine("APP/PROC/WORKER/SIDECAR/QUEUE/0", "queue is ready, MEMORY_LIMIT is 32m")
		s.expectLine("APP/PROC/WORKER/0", "worker is ready, MEMORY_LIMIT is 64m")
		Expect(s.log()).NotTo(ContainSubstring("APP/PROC/WEB/SIDECAR/QUEUE"))
		s.stop()
	})

	it("unix-socket-app talks to its sidecar over a Unix socket", func() {
		s := sidecar(t, compiled("unix-socket-app"), "push")
		now, err := time.Parse(time.RFC3339, strings.TrimSpace(s.get("/time")))
		Expect(err).NotTo(HaveOccurred())
		Expect(now).To(BeTemporally("~", time.Now(), time.Minute))
		s.expectLine("APP/PROC/WEB/SIDECAR/CLOCK/0", "Received a request for the time.")
		s.stop()
	})

	it("bound-app has its sidecar with the key of the service, and another key after a restart", func() {
		signature := func(key string) string {
			mac := hmac.New(sha256.New, []byte(key))
			mac.Write([]byte("hello"))
			return "bound-app " + hex.EncodeToString(mac.Sum(nil)) + "\n"
		}
		directory := compiled("bound-app")
		staged := stage(t, directory)
		s := sidecar(t, directory, "run", "-d", staged.droplet)
		Expect(s.get("/sign?text=hello")).To(Equal(signature("only-for-this-machine")))
		s.stop()
		Expect(os.WriteFile(filepath.Join(directory, ".sidecar-services.yml"), []byte("services: {signing-key: {credentials: {key: another}}}"), 0o600)).To(Succeed())
		s = sidecar(t, directory, "run", "-d", staged.droplet)
		Expect(s.get("/sign?text=hello")).To(Equal(signature("another")))
		s.stop()
	})

	it("shared-file-app reads what its sidecar writes", func() {
		s := sidecar(t, compiled("shared-file-app"), "push")
		first := s.get("/file")
		Expect(first).To(ContainSubstring(`"written_at":`))
		NewWithT(t).Eventually(func() string { return s.get("/file") }).ShouldNot(Equal(first))
		s.stop()
	})

	it("java-sidecar-app has a sidecar in another language", func() {
		need(t, "java", "javac", "jar")
		directory := compiled("java-sidecar-app")
		build(directory, directory)
		s := sidecar(t, directory, "push")
		Expect(s.get("/quote")).To(ContainSubstring(`"quote":"`))
		s.expectLine("APP/PROC/WEB/SIDECAR/QUOTES/0", "Received a request for a quote.")
		s.stop()
	})
	it("supervised-app waits for one sidecar, survives its crash, and has another one in front", func() {
		s := sidecar(t, compiled("supervised-app"), "push")
		Expect(s.get("/next")).To(Equal("2"))
		s.expectLine(web, "supervised-app starts with number 1")
		Expect(s.log()).NotTo(ContainSubstring("Process has crashed"), "it would have without a number, and has waited for its sidecar")

		_, err := http.Post(s.url()+"/crash", "", nil)
		Expect(err).NotTo(HaveOccurred())
		NewWithT(t).Eventually(s.log).Should(ContainSubstring("[supervise] numbers: ended with status 3; it is started again in 1s (restart 1)"))
		Expect(s.get("/")).To(HavePrefix("Hello from supervised-app!"))
		NewWithT(t).Eventually(func() string { return s.get("/next") }).Should(Equal("1"))

		slow := make(chan string)
		go func() {
			answer, err := http.Get(s.url() + "/slow")
			if err != nil {
				slow <- err.Error()
				return
			}
			defer answer.Body.Close()
			slow <- answer.Status + " " + answer.Header.Get("X-Gateway")
		}()
		s.expectLine(web, "supervised-app answers in two seconds")
		s.stop()
		Expect(<-slow).To(Equal("200 OK supervised-app"))
	})
}
