package onchange_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/onchange"
)

func testPost(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect   = NewWithT(t).Expect
		requests atomic.Int32
		answers  []int // the last one repeats
		app      *httptest.Server
	)

	it.Before(func() {
		requests.Store(0)
		app = httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			n := int(requests.Add(1))
			if request.Method != http.MethodPost || request.URL.Path != "/actuator/refresh" {
				response.WriteHeader(http.StatusTeapot)
				return
			}
			response.WriteHeader(answers[min(n, len(answers))-1])
		}))
	})

	it.After(func() { app.Close() })

	do := func(environ ...string) (string, error) {
		t.Helper()
		action, err := onchange.Read(environ)
		Expect(err).NotTo(HaveOccurred())
		return action.Do(t.Context())
	}

	it("sends a request to the app", func() {
		answers = []int{http.StatusNoContent}
		Expect(do(`SIDECAR_ON_CHANGE={"post": "` + app.URL + `/actuator/refresh"}`)).To(Equal("the app answered 204 No Content"))
		port := app.URL[strings.LastIndexByte(app.URL, ':')+1:]
		Expect(do(`SIDECAR_ON_CHANGE={"post": "/actuator/refresh"}`, "PORT="+port)).To(Equal("the app answered 204 No Content"))
		Expect(requests.Load()).To(BeEquivalentTo(2))
	})

	it("retries while the app has a server error", func() {
		answers = []int{http.StatusServiceUnavailable, http.StatusInternalServerError, http.StatusOK}
		Expect(do(`SIDECAR_ON_CHANGE={"post": "` + app.URL + `/actuator/refresh"}`)).To(Equal("the app answered 200 OK"))
		Expect(requests.Load()).To(BeEquivalentTo(3))
	})

	it("does nothing without the variable", func() {
		Expect(onchange.Read(nil)).To(BeNil())
	})

	context("failure cases", func() {
		it("does not retry if the app has no such path, and does not follow redirects", func() {
			for _, status := range []int{http.StatusNotFound, http.StatusTemporaryRedirect} {
				answers = []int{status}
				requests.Store(0)
				_, err := do(`SIDECAR_ON_CHANGE={"post": "` + app.URL + `/actuator/refresh"}`)
				Expect(err).To(MatchError(HavePrefix("POST /actuator/refresh: ")))
				Expect(err).To(MatchError(HaveSuffix("; expected a status from 200 to 299")))
				Expect(requests.Load()).To(BeEquivalentTo(1))
			}
		})

		for _, value := range []string{"x", "{}", "[]", `{"signal": "HUP", "post": "/x"}`, `{"signal": "HUP"} x`, `{"kill": "HUP"}`} {
			it("refuses what is not an action: "+value, func() {
				_, err := onchange.Read([]string{"SIDECAR_ON_CHANGE=" + value, "SIDECAR_APP_PROCESSES=x"})
				Expect(err).To(MatchError(`SIDECAR_ON_CHANGE is not an action: expected {"signal": "HUP"} or {"post": "/actuator/refresh"}`))
			})
		}

		for _, address := range []string{"http://example.com/refresh", "https://127.0.0.1/x", "http://user:s3cret@127.0.0.1/x", "x", "//example.com/x", "/x"} {
			it("refuses an address that is not the app's: "+address, func() {
				_, err := onchange.Read([]string{`SIDECAR_ON_CHANGE={"post": "` + address + `"}`})
				Expect(err).To(MatchError("SIDECAR_ON_CHANGE has no address of the app: expected a path such as /actuator/refresh, or one at http://127.0.0.1 with its port"))
			})
		}

		it("refuses signals that terminate a program, and a signal without processes", func() {
			for _, name := range []string{"KILL", "TERM", "NONE", "9"} {
				_, err := onchange.Read([]string{`SIDECAR_ON_CHANGE={"signal": "` + name + `"}`, "SIDECAR_APP_PROCESSES=x"})
				Expect(err).To(MatchError(`SIDECAR_ON_CHANGE has the signal "` + name + `": expected HUP, USR1 or USR2`))
			}
			_, err := onchange.Read([]string{`SIDECAR_ON_CHANGE={"signal": "HUP"}`})
			Expect(err).To(MatchError(ContainSubstring("SIDECAR_APP_PROCESSES is not set")))
		})
	})
}
