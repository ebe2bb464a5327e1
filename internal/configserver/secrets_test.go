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

		for i, settings := range [][]string{
			{"CONFIG_SERVER_GIT_URI=ssh://user:" + secret + "@example.com/x"},
			{"CONFIG_SERVER_GIT_URI=https://user:" + secret + "@example com/x"},
			{"CONFIG_SERVER_GIT_URI=https://example.com/x?token=" + secret},
			{"CONFIG_SERVER_GIT_URI=http://user:" + secret + "@example.com/x"},
			{"CONFIG_SERVER_GIT_URI=" + secret + "://example.com"},
			{"CONFIG_SERVER_SPRING_URI=" + secret},
			{"CONFIG_SERVER_SPRING_URI=https://user:" + secret + "@example com"},
			{"CONFIG_SERVER_SPRING_URI=ftp://user:" + secret + "@example.com"},
			{"CONFIG_SERVER_SPRING_URI=https://user:" + secret + "@example.com:port"},
			{"CONFIG_SERVER_SPRING_URI=https://example.com", "CONFIG_SERVER_SPRING_CLIENT_SECRET=" + secret},
			{"CONFIG_SERVER_SPRING_URI=https://example.com", "CONFIG_SERVER_SPRING_CLIENT_ID=id", "CONFIG_SERVER_SPRING_CLIENT_SECRET=" + secret},
			{"CONFIG_SERVER_SPRING_URI=https://example.com", "CONFIG_SERVER_SPRING_CLIENT_ID=id", "CONFIG_SERVER_SPRING_CLIENT_SECRET=" + secret,
				"CONFIG_SERVER_SPRING_ACCESS_TOKEN_URI=https://user:" + secret + "@example.com"},
			{"CONFIG_SERVER_VAULT_URI=https://user:" + secret + "@example.com", "CONFIG_SERVER_VAULT_TOKEN=" + secret},
			{"CONFIG_SERVER_VAULT_URI=https://example.com", "CONFIG_SERVER_VAULT_TOKEN=" + secret, "CONFIG_SERVER_VAULT_ROLE_ID=" + secret},
			{"CONFIG_SERVER_VAULT_URI=https://example.com", "CONFIG_SERVER_VAULT_SECRET_ID=" + secret},
			{"CONFIG_SERVER_CREDHUB_URI=http://user:" + secret + "@example.com"},
			{"CONFIG_SERVER_CREDHUB_URI=https://example.com", "CONFIG_SERVER_CREDHUB_CLIENT_SECRET=" + secret},
			{"CONFIG_SERVER_CREDHUB_URI=https://example.com", "CONFIG_SERVER_CREDHUB_CLIENT_ID=id", "CONFIG_SERVER_CREDHUB_CLIENT_SECRET=" + secret,
				"CONFIG_SERVER_CREDHUB_ACCESS_TOKEN_URI=https://user:" + secret + "@example.com"},
			{"CONFIG_SERVER_ENCRYPT_KEY=-----BEGIN RSA PRIVATE KEY-----\n" + secret},
			{"CONFIG_SERVER_ENCRYPT_KEY=" + secret, "CONFIG_SERVER_ENCRYPT_KEY_FILE=/none"},
			{"CONFIG_SERVER_ENCRYPT_KEYSTORE=/none", "CONFIG_SERVER_ENCRYPT_KEYSTORE_PASSWORD=" + secret, "CONFIG_SERVER_ENCRYPT_KEYSTORE_SECRET=" + secret},
			{`CONFIG_SERVER_INTERVAL={"Password":"` + secret + `"}`},
			{`CONFIG_SERVER_SOURCES={"Password":"` + secret + `"}`},
			{`VCAP_SERVICES={"a":[{"name":"config-server","credentials":{"spring_uri":{"a":"` + secret + `"}}}]}`},
			{`VCAP_SERVICES={"a":[{"name":"config-server","credentials":{"git_uri":"https://user:` + secret + `@example com"}}]}`},
			{`VCAP_SERVICES={"a":"` + secret},
		} {
			it(fmt.Sprintf("keeps credentials out of the error, settings %d", i), func() {
				err := fail(t, append(settings, "CONFIG_SERVER_PORT="+testport.Free(t))...)
				hidden(err.Error())
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
