package configserver_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

func testSecrets(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	const secret = "s3cret-Ω"

	hidden := func(text string) {
		t.Helper()
		Expect(text).NotTo(ContainSubstring("s3cret"))
		Expect(text).NotTo(ContainSubstring("Ω"))
		Expect(text).NotTo(ContainSubstring("Î")) // the first byte of Ω, as encoding/json shows it
		Expect(text).NotTo(ContainSubstring("invalid character"))
	}

	it("keeps the configuration out of the logs", func() {
		server := start(t, `CONFIG_SERVER_CONFIG={"Password":"`+secret+`"}`)
		_, body := server.request(t, http.MethodGet, "/config/")
		Expect(body).To(ContainSubstring(secret))
		server.request(t, http.MethodPost, "/config/?"+"s3cret")
		server.stop(t)

		hidden(string(server.logs.Contents()))
	})

	context("failure cases", func() {
		broken := []string{
			`{"Password":"` + secret,
			`{"Password":"` + secret + `"`,
			`{"Password":"` + secret + `",}`,
			`{"Password":"` + secret + `"} ` + secret,
			`{"Password":"` + secret + "\n\"}",
			`{"Password":"` + secret + `\Ω"}`,
			`{"Password":"\u00Ω"}`,
			`{"Password": Ωs3cret}`,
			`{"Password": '` + secret + `'}`,
			`{"Password"Ω:"` + secret + `"}`,
			`{"Password":1Ω}`,
			`{"Password":-Ω}`,
			`{"Password":tΩ}`,
			`{Ωs3cret:1}`,
			`["` + secret + `"Ω]`,
			`["` + secret + "\xff\"]",
			`"` + secret,
		}
		misread := []string{
			secret,
			"password: " + secret,
			"Password=" + secret,
			"/" + secret + "/x",
			"Ω" + `{"Password":"` + secret + `"}`,
			"'{\"Password\":\"" + secret + "\"}'",
			"\ufeff{\"Password\":\"" + secret + "\"}",
			strings.Repeat(secret, 1000),
			secret + "\x00",
		}

		for i, value := range append(broken, misread...) {
			it(fmt.Sprintf("keeps broken value %d out of the error", i), func() {
				err := fail(t, "CONFIG_SERVER_PORT="+testport.Free(t), "CONFIG_SERVER_CONFIG="+value)
				Expect(err).To(MatchError(HavePrefix("CONFIG_SERVER_CONFIG is ")))
				hidden(err.Error())
			})
		}

		for i, content := range broken {
			it(fmt.Sprintf("keeps broken file %d out of the error", i), func() {
				path := filepath.Join(t.TempDir(), "config.json")
				Expect(os.WriteFile(path, []byte(content), 0600)).To(Succeed())

				err := fail(t, "CONFIG_SERVER_PORT="+testport.Free(t), "CONFIG_SERVER_CONFIG="+path)
				Expect(err).To(MatchError(HavePrefix(`the file "` + path + `" is not valid JSON: line `)))
				hidden(strings.ReplaceAll(err.Error(), path, ""))
			})
		}

		it("keeps configuration out of the error that was set as the port", func() {
			err := fail(t, `CONFIG_SERVER_PORT={"Password":"`+secret+`"}`)
			Expect(err).To(MatchError(HavePrefix("CONFIG_SERVER_PORT is JSON (not shown, it may hold secrets), which is not a port")))
			hidden(err.Error())
		})

		it("keeps arguments out of the error", func() {
			var stdout, stderr bytes.Buffer
			Expect(configserver.Main([]string{"config-server", secret}, nil, &stdout, &stderr)).To(Equal(2))
			Expect(stderr.String()).To(HavePrefix("config-server: takes no arguments"))
			hidden(stdout.String() + stderr.String())
		})
	})
}
