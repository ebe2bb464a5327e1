package springapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springapi"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

func testReal(t *testing.T, group spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("answers like the real server, byte for byte, given its environments", func() {
		options := springtest.Options{EncryptKey: "a symmetric key"}
		helper := springtest.Start(t, springtest.Options{EncryptKey: options.EncryptKey, Properties: map[string]any{"spring.profiles.active": "native"}})
		corpus := springtest.NewCorpus(t, helper)
		options.Repository, options.Port = corpus.Repository.Directory, helper.Port
		helper.Stop()
		server := springtest.Start(t, options)
		ours := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			body, contentType, err := answer(server.URL, request)
			if err != nil {
				springapi.WriteError(response, request, err, time.Now())
				return
			}
			response.Header().Set("Content-Type", contentType)
			_, err = response.Write(body)
			Expect(err).NotTo(HaveOccurred())
		}))
		defer ours.Close()
		Expect(len(corpus.Requests)).To(BeNumerically(">", 700))
		for _, request := range corpus.Requests {
			wanted, got := request.Ask(t, server.URL), request.Ask(t, ours.URL)
			if got != wanted {
				t.Errorf("%s\n got %s\nwant %s", request, got, wanted)
			}
		}
	})
}

func answer(server string, request *http.Request) (body []byte, contentType string, err error) {
	route, err := springapi.Parse(request)
	if err != nil {
		return nil, "", err
	}
	env, err := fetch(server, route.Request)
	if err != nil {
		return nil, "", err
	}
	return route.Render(env)
}

// fetch asks the real server for an environment.
func fetch(server string, request environment.Request) (env environment.Environment, err error) {
	escape := func(part string) string { return "/" + url.PathEscape(strings.ReplaceAll(part, "/", "(_)")) }
	path := escape(request.Application) + escape(strings.Join(request.Profiles, ","))
	if request.Label != "" {
		path += escape(request.Label)
	}
	response, err := http.Get(server + path)
	if err != nil {
		return env, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return env, &environment.NotFoundError{Message: "no such label"}
	}
	return env, json.NewDecoder(response.Body).Decode(&env)
}
