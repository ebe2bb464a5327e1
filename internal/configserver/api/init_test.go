package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/api"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/forms"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestAPI(t *testing.T) {
	suite := spec.New("api", spec.Report(report.Terminal{}))
	suite("Accept", testAccept)
	suite("Changes", testChanges)
	suite("Health", testHealth)
	suite("Keys", testKeys)
	suite("LiteralKeys", testLiteralKeys)
	suite("RequestLog", testRequestLog)
	suite("Stop", testStop)
	suite.Run(t)
}

const (
	patient  = time.Minute
	interval = 5 * time.Millisecond // between two times that the source is asked
)

// A scripted source says what a spec has it say.
type scripted struct {
	mutex   sync.Mutex
	version int
	values  map[string]any
	err     error
}

func (s *scripted) Name() string { return "git" }

func (s *scripted) Fetch(_ context.Context, request environment.Request, previous string) (environment.Environment, string, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	version := strconv.Itoa(s.version)
	switch {
	case s.err != nil:
		return environment.Environment{}, "", s.err
	case previous == version:
		return environment.Environment{}, "", environment.ErrUnchanged
	}
	return environment.Environment{
		Name: request.Application, Profiles: request.Profiles, Version: &version,
		PropertySources: []environment.PropertySource{{Name: "git", Source: maps.Clone(s.values)}},
	}, version, nil
}

// says has the source give another version from now on.
func (s *scripted) says(values map[string]any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.version++
	s.values, s.err = values, nil
}

func (s *scripted) fails(err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.err = err
}

// A running server asks its source again and again, in milliseconds.
type running struct {
	t       *testing.T
	address string
	source  *scripted
	logs    *gbytes.Buffer
	stop    func()
}

func start(t *testing.T, source *scripted) *running {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	logs := gbytes.NewBuffer()
	logger := log.New(logs, "", 0)
	keeper := keep.New(t.Context(), keep.Options{
		Sources: []keep.Origin{{Source: source}}, Main: environment.Request{Application: "shop", Profiles: []string{"default"}},
		Interval: interval, Timeout: time.Minute, Clock: clock.System{}, Logf: func(string, ...any) {},
		Form: func(env environment.Environment) ([]byte, []environment.Omission, error) {
			tree, omitted, err := forms.Nested(env)
			return api.Encode(tree), omitted, err
		},
	})
	handler := api.NewHandler(api.Settings{Keeper: keeper, Clock: clock.System{}, Logger: logger})
	ctx, cancel := context.WithCancel(context.Background())
	context.AfterFunc(ctx, handler.Close)
	var all sync.WaitGroup
	all.Go(func() { keeper.Run(ctx) })
	all.Go(func() { _ = api.Serve(ctx, []net.Listener{listener}, handler, time.Minute, logger) })
	stop := sync.OnceFunc(func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		all.Wait()
		handler.Close()
	})
	t.Cleanup(stop)
	return &running{t, listener.Addr().String(), source, logs, stop}
}

// get asks with headers, each "Name: value", and returns the answer with its whole body.
func (r *running) get(path string, headers ...string) (*http.Response, string) {
	r.t.Helper()
	response, body, err := r.try(path, headers...)
	gomega.NewWithT(r.t).Expect(err).NotTo(gomega.HaveOccurred())
	return response, body
}

func (r *running) try(path string, headers ...string) (*http.Response, string, error) {
	request, err := http.NewRequest(http.MethodGet, "http://"+r.address+path, nil)
	if err != nil {
		return nil, "", err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, string(body), err
}

// ready waits until there is an answer.
func (r *running) ready() *running {
	r.t.Helper()
	gomega.NewWithT(r.t).Eventually(func() int {
		response, _ := r.get("/health")
		return response.StatusCode
	}, patient).Should(gomega.Equal(http.StatusOK))
	return r
}

// dial sends a request and leaves the connection open.
func (r *running) dial(path string) (net.Conn, *bufio.Reader) {
	r.t.Helper()
	connection, err := net.Dial("tcp", r.address)
	gomega.NewWithT(r.t).Expect(err).NotTo(gomega.HaveOccurred())
	r.t.Cleanup(func() { _ = connection.Close() })
	_, err = fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
	gomega.NewWithT(r.t).Expect(err).NotTo(gomega.HaveOccurred())
	return connection, bufio.NewReader(connection)
}
