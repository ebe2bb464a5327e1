package springsource_test

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springsource"
)

const secret = "s3cret"

var request = environment.Request{Application: "app", Profiles: []string{"cloud", "eu"}, Label: "release/1"}

const answer = `{"name":"app","profiles":["cloud","eu"],"label":"release/1","version":"c0ffee","state":"st","propertySources":[
	{"name":"first","source":{"a":"s3cret","n":1.50,"b":true,"z":null}},{"name":"second","source":{}}]}`

// A fake is a server whose answers a spec chooses: those that the real server never gives.
type fake struct {
	*httptest.Server
	authorities string // a directory for settings

	mutex  sync.Mutex
	answer http.HandlerFunc
	asked  []*http.Request
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{authorities: t.TempDir(), answer: say(answer)}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mutex.Lock()
		f.asked = append(f.asked, r.Clone(r.Context()))
		answer := f.answer
		f.mutex.Unlock()
		answer(w, r)
	}))
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	f.StartTLS()
	t.Cleanup(f.Close)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	NewWithT(t).Expect(os.WriteFile(filepath.Join(f.authorities, "fake.crt"), certificate, 0o600)).To(Succeed())
	return f
}

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func (f *fake) answers(handler http.HandlerFunc) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.answer = handler
}

// requests returns the requests since the last call.
func (f *fake) requests() []*http.Request {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	asked := f.asked
	f.asked = nil
	return asked
}

// settings returns settings with the address of the fake, or with other addresses.
func (f *fake) settings(t *testing.T, addresses ...string) springsource.Settings {
	t.Helper()
	if len(addresses) == 0 {
		addresses = []string{f.URL}
	}
	s := springsource.Settings{AuthorityDirectory: f.authorities}
	for _, text := range addresses {
		address, err := url.Parse(text)
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		s.Addresses = append(s.Addresses, address)
	}
	return s
}

// tokens issues t1, t2 and so on, each with a lifetime; good contains the tokens that a server accepts.
type tokens struct {
	mutex    sync.Mutex
	given    int
	lifetime time.Duration
	good     map[string]bool
}

func (f *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, password, _ := r.BasicAuth()
	w.Header().Set("Content-Type", "application/json")
	if id != "id" || password != secret || r.FormValue("grant_type") != "client_credentials" {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"error":"invalid_client","error_description":%q}`, secret)
		return
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.given++
	token := fmt.Sprintf("t%d", f.given)
	f.good[token] = true
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":%d}`, token, int(f.lifetime.Seconds()))
}

// guarded answers only requests with a good token.
func (f *tokens) guarded(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.mutex.Lock()
		token := ""
		_, err := fmt.Sscanf(r.Header.Get("Authorization"), "Bearer %s", &token)
		good := err == nil && f.good[token]
		f.mutex.Unlock()
		if !good {
			http.Error(w, secret, http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func (f *tokens) revoke() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.good = map[string]bool{}
}

func (f *tokens) count() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.given
}
