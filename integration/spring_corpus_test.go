package integration_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// testSpringCorpus compares config-server with Spring Cloud Config Server.
func testSpringCorpus(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("is answered by config-server as by Spring's own server, which it asks or whose repository it reads", func() {
		keys := []string{"a symmetric key", rsaKey(t)}
		// Each of the two encrypts some values, which the other cannot decrypt.
		servers := make([]*springtest.Server, len(keys))
		for i, key := range keys {
			servers[i] = springtest.Start(t, springtest.Options{EncryptKey: key, Properties: map[string]any{"spring.profiles.active": "native"}})
		}
		corpus := springtest.NewCorpus(t, servers...)
		Expect(len(corpus.Requests)).To(BeNumerically(">", 700))
		for i, key := range keys {
			servers[i].Stop()
			server := springtest.Start(t, springtest.Options{Repository: corpus.Repository.Directory, EncryptKey: key, Port: servers[i].Port})
			asking := configServer(t, "CONFIG_SERVER_SPRING_URI="+server.URL)
			reading := configServer(t, "CONFIG_SERVER_GIT_URI="+corpus.Repository.Directory, "CONFIG_SERVER_ENCRYPT_KEY="+key)
			for _, request := range corpus.Requests {
				wanted := request.Ask(t, server.URL)
				for source, address := range map[string]string{"asking the server": asking, "reading the repository": reading} {
					if got := request.Ask(t, address); got != wanted {
						t.Errorf("%s, %s\n got %s\nwant %s", request, source, got, wanted)
					}
				}
			}
			server.Stop()
		}
	})
}

func rsaKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// configServer runs the sidecar's program by itself, and is its address.
func configServer(t *testing.T, variables ...string) string {
	t.Helper()
	directory := t.TempDir()
	program := filepath.Join(directory, "config-server")
	goBuild(t, program, "./cmd/config-server")
	port := testport.Free(t)
	command := exec.Command(program)
	command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + directory, "CONFIG_SERVER_PORT=" + port}, variables...)
	session, err := gexec.Start(command, nil, nil)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { <-session.Kill().Exited })
	address := "http://127.0.0.1:" + port
	NewWithT(t).Eventually(func() (int, error) {
		response, err := http.Get(address + "/health")
		if err != nil {
			return 0, err
		}
		defer response.Body.Close()
		return response.StatusCode, nil
	}).Should(Equal(http.StatusOK), func() string { return string(session.Buffer().Contents()) })
	return address
}
