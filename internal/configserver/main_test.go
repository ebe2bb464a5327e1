package configserver_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testMain(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
	)

	it.Before(func() {
		stdout.Reset()
		stderr.Reset()
	})

	for _, flag := range []string{"-h", "--help"} {
		it("explains itself with "+flag, func() {
			Expect(configserver.Main([]string{"config-server", flag}, nil, &stdout, &stderr)).To(Equal(0))
			Expect(stdout.String()).To(And(ContainSubstring("Usage: config-server\n"), ContainSubstring("CONFIG_SERVER_PORT "), ContainSubstring("CONFIG_SERVER_CONFIG ")))
			Expect(stderr.String()).To(BeEmpty())
		})
	}

	context("failure cases", func() {
		it("takes no arguments", func() {
			Expect(configserver.Main([]string{"config-server", "--port", "8082"}, nil, &stdout, &stderr)).To(Equal(2))
			Expect(stdout.String()).To(BeEmpty())
			Expect(stderr.String()).To(Equal("config-server: takes no arguments, only settings from the environment: see config-server --help\n"))
		})

		it("prints an error once", func() {
			Expect(configserver.Main([]string{"config-server"}, nil, &stdout, &stderr)).To(Equal(1))
			Expect(stdout.String()).To(BeEmpty())
			Expect(stderr.String()).To(Equal("config-server: CONFIG_SERVER_PORT is not set: set it in the app's environment to the port to listen on, for example CONFIG_SERVER_PORT=8082\n"))
		})
	})
}

func testBinary(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		program    string
		command    *exec.Cmd
	)

	it.Before(func() {
		var err error
		program, err = gexec.Build("github.com/cloudfoundry-community/sidecar-buildpack/cmd/config-server")
		Expect(err).NotTo(HaveOccurred())

		command = exec.Command(program)
		command.Dir = t.TempDir()
		Expect(os.WriteFile(filepath.Join(command.Dir, "config.json"), []byte("{}"), 0600)).To(Succeed())
	})

	it.After(func() {
		gexec.CleanupBuildArtifacts()
	})

	// peak is the most resident memory that the program has had, in KB.
	peak := func() int {
		t.Helper()
		content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", command.Process.Pid))
		Expect(err).NotTo(HaveOccurred())
		_, value, found := strings.Cut(string(content), "VmHWM:")
		Expect(found).To(BeTrue())
		kilobytes, err := strconv.Atoi(strings.Fields(value)[0])
		Expect(err).NotTo(HaveOccurred())
		return kilobytes
	}

	it("makes one form at a time, and those that fail once, however many ask for them", func() {
		repository := springtest.NewRepository(t)
		var lines strings.Builder
		for i := range 12 {
			fmt.Fprintf(&lines, "k%d: ${k%d}${k%d}\n", i, i+1, i+1)
		}
		repository.Commit(map[string]string{"application.yml": lines.String() + "k12: " + strings.Repeat("x", 3000) + "\n"})
		port := testport.Free(t)
		command.Env = []string{"CONFIG_SERVER_PORT=" + port, "CONFIG_SERVER_GIT_URI=file://" + repository.Directory, "CONFIG_SERVER_KEEP=off"}
		session, err := gexec.Start(command, nil, nil)
		Expect(err).NotTo(HaveOccurred())
		defer session.Kill()
		Eventually(session, "1m").Should(gbytes.Say("cannot be served"))
		var requests sync.WaitGroup
		for range 60 {
			requests.Go(func() {
				response, err := http.Get("http://127.0.0.1:" + port + "/other-default.json")
				if err != nil {
					t.Error(err)
					return
				}
				_ = response.Body.Close()
				if response.StatusCode != http.StatusInternalServerError {
					t.Error(response.Status)
				}
			})
		}
		requests.Wait()
		Expect(peak()).To(BeNumerically("<", 56<<10), "60 at once took 90 MB")
	})

	it("stays within its reservation whatever is half sent, and answers in between", func() {
		port := testport.Free(t)
		command.Env = []string{"CONFIG_SERVER_PORT=" + port, "CONFIG_SERVER_CONFIG=config.json"}
		session, err := gexec.Start(command, nil, nil)
		Expect(err).NotTo(HaveOccurred())
		defer session.Kill()
		Eventually(session).Should(gbytes.Say("Listening on"))
		half := "GET /config/ HTTP/1.1\r\nHost: localhost\r\nX-Long: " + strings.Repeat("x", 15_000)
		for range 1000 {
			connection, err := net.Dial("tcp", "127.0.0.1:"+port)
			Expect(err).NotTo(HaveOccurred())
			defer connection.Close()
			_, err = io.WriteString(connection, half)
			Expect(err).NotTo(HaveOccurred())
		}
		Eventually(func() error {
			response, err := http.Get("http://127.0.0.1:" + port + "/health")
			if err == nil {
				err = response.Body.Close()
			}
			return err
		}, "3m").Should(Succeed())
		Expect(peak()).To(BeNumerically("<", 32<<10))
	})

	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		it("exits with 0 on "+signal.String(), func() {
			port := testport.Free(t)
			command.Env = []string{"CONFIG_SERVER_PORT=" + port, "CONFIG_SERVER_CONFIG=config.json"}
			session, err := gexec.Start(command, nil, nil)
			Expect(err).NotTo(HaveOccurred())
			defer session.Kill()
			Eventually(session).Should(gbytes.Say(`Listening on 127\.0\.0\.1:` + port + `\.\n`))

			_, body := (&running{port: port}).request(t, "GET", "/config/")
			Expect(body).To(Equal("{}\n"))

			session.Signal(signal)
			Eventually(session).Should(gexec.Exit(0))
			Expect(string(session.Out.Contents())).To(Equal("Listening on 127.0.0.1:" + port + ".\nReceived a request for config.\nStopping.\n"))
			Expect(session.Err.Contents()).To(BeEmpty())
		})
	}

	context("failure cases", func() {
		it("exits with 1 where it cannot start", func() {
			command.Env = []string{"CONFIG_SERVER_PORT=no"}
			session, err := gexec.Start(command, nil, nil)
			Expect(err).NotTo(HaveOccurred())
			Eventually(session).Should(gexec.Exit(1))
			Expect(session.Err).To(gbytes.Say(`^config-server: CONFIG_SERVER_PORT is "no", which is not a port`))
		})

		it("exits with 2 where it was given arguments", func() {
			command.Args = append(command.Args, "8082")
			session, err := gexec.Start(command, nil, nil)
			Expect(err).NotTo(HaveOccurred())
			Eventually(session).Should(gexec.Exit(2))
		})
	})
}
