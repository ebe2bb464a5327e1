package credhubsource_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/credhubsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
)

const secret = "s3cret"

// made are an authority and what it has issued: making a key takes a while.
var made = sync.OnceValues(func() (m struct {
	authority *identity.Authority
	own       identity.Credentials
	apps      map[string]identity.Credentials
}, err error) {
	now := time.Now()
	if m.authority, err = identity.NewAuthority(now); err != nil {
		return m, err
	}
	address := net.IPv4(127, 0, 0, 1)
	if m.own, err = m.authority.Issue(identity.Instance{GUID: "credhub", IP: address}, now); err != nil {
		return m, err
	}
	m.apps = map[string]identity.Credentials{}
	for _, app := range []string{"app-1", "app-2"} {
		if m.apps[app], err = m.authority.Issue(identity.Instance{GUID: "instance", IP: address, App: app}, now); err != nil {
			return m, err
		}
	}
	return m, nil
})

// A standIn is in the place of CredHub, which cannot be had as a program. It knows apps by their
// certificates, or clients of UAA by a token, and answers as CredHub's API documentation says.
type standIn struct {
	*httptest.Server
	directory string // has the app's identity, and the authority as ca.crt
	token     string // of clients; empty: apps need a certificate

	mutex       sync.Mutex
	credentials map[string]credential
	versions    int
	asked       []string         // the queries, in order
	apps        []string         // whose certificates were shown
	answer      http.HandlerFunc // nil: the credentials
}

type credential struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Type    string    `json:"type"`
	Value   any       `json:"value"`
	Created time.Time `json:"version_created_at"`
}

func newStandIn(t *testing.T, token string) *standIn {
	t.Helper()
	Expect := NewWithT(t).Expect
	all, err := made()
	Expect(err).NotTo(HaveOccurred())
	s := &standIn{directory: t.TempDir(), token: token, credentials: map[string]credential{}}
	Expect(os.WriteFile(filepath.Join(s.directory, "ca.crt"), all.authority.PEM(), 0o600)).To(Succeed())
	s.issue(t, "app-1")
	pair, err := tls.X509KeyPair(all.own.Certificate, all.own.Key)
	Expect(err).NotTo(HaveOccurred())
	known := x509.NewCertPool()
	known.AppendCertsFromPEM(all.authority.PEM())
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: known, ClientAuth: tls.VerifyClientCertIfGiven}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// issue replaces the identity of the app.
func (s *standIn) issue(t *testing.T, app string) {
	t.Helper()
	Expect := NewWithT(t).Expect
	all, err := made()
	Expect(err).NotTo(HaveOccurred())
	for name, content := range map[string][]byte{identity.KeyFile: all.apps[app].Key, identity.CertificateFile: all.apps[app].Certificate} {
		path := filepath.Join(s.directory, name)
		Expect(os.WriteFile(path+".tmp", content, 0o600)).To(Succeed())
		Expect(os.Rename(path+".tmp", path)).To(Succeed())
	}
}

func (s *standIn) settings(t *testing.T) credhubsource.Settings {
	t.Helper()
	address, err := url.Parse(s.URL)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return credhubsource.Settings{Address: address, Path: "/config", Label: "master", AuthorityDirectory: s.directory,
		Certificate: filepath.Join(s.directory, identity.CertificateFile), Key: filepath.Join(s.directory, identity.KeyFile)}
}

// put has a version of a credential that was made an hour ago, or at another time.
func (s *standIn) put(name, kind string, value any, created ...time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	at := slices.Concat(created, []time.Time{time.Now().Add(-time.Hour)})[0].UTC().Truncate(time.Second)
	s.versions++
	s.credentials[name] = credential{fmt.Sprintf("version-%d", s.versions), name, kind, value, at}
}

// queries are those so far, which are forgotten.
func (s *standIn) queries() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

func (s *standIn) answers(handler http.HandlerFunc) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.answer = handler
}

// app is whose certificate was shown last.
func (s *standIn) app() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.apps[len(s.apps)-1]
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.token != "" && r.Header.Get("Authorization") != "Bearer "+s.token || s.token == "" && len(r.TLS.PeerCertificates) == 0 {
		http.Error(w, secret, http.StatusUnauthorized)
		return
	}
	if len(r.TLS.PeerCertificates) > 0 {
		s.apps = append(s.apps, strings.Join(r.TLS.PeerCertificates[0].Subject.OrganizationalUnit, " "))
	}
	query := r.URL.Query()
	s.asked = append(s.asked, query.Encode())
	switch {
	case s.answer != nil:
		answer := s.answer
		s.mutex.Unlock()
		answer(w, r)
		s.mutex.Lock()
	case r.Method != http.MethodGet || r.URL.Path != "/api/v1/data":
		http.Error(w, secret, http.StatusBadRequest)
	case query.Get("name") != "" && query.Get("current") == "true":
		found, there := s.credentials[query.Get("name")]
		if !there {
			http.Error(w, `{"error":"s3cret does not exist"}`, http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": []credential{found}})
	default:
		list := []map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(s.credentials)) {
			if strings.HasPrefix(name, query.Get("path")+"/") {
				list = append(list, map[string]any{"name": name, "version_created_at": s.credentials[name].Created})
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"credentials": list})
	}
}
