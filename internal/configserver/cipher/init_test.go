package cipher_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestCipher(t *testing.T) {
	suite := spec.New("cipher", spec.Report(report.Terminal{}))
	suite("Decrypt", testDecrypt)
	suite("Reader", testReader)
	suite("Settings", testSettings)
	suite("Spring", testSpring)
	suite.Run(t)
}

// encrypt has a server encrypt a text.
func encrypt(t *testing.T, server *springtest.Server, text string) string {
	t.Helper()
	response, err := http.Post(server.URL+"/encrypt", "text/plain", strings.NewReader(text))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(response.StatusCode).To(Equal(200), string(body)+server.Log())
	return string(body)
}

// answer is what a server answers to a request for the app.
func answer(t *testing.T, server *springtest.Server) environment.Environment {
	t.Helper()
	response, err := http.Get(server.URL + "/app/default")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	var answered environment.Environment
	decoder := json.NewDecoder(response.Body)
	decoder.UseNumber()
	NewWithT(t).Expect(decoder.Decode(&answered)).To(Succeed())
	NewWithT(t).Expect(response.StatusCode).To(Equal(200))
	return answered
}
