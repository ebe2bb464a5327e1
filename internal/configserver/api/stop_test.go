package api_test

import (
	"bytes"
	stdcontext "context"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/api"
)

func testStop(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually

		listener net.Listener
		logs     *gbytes.Buffer
		cancel   stdcontext.CancelFunc
		ended    chan error
	)

	type answer struct {
		body string
		err  error
	}

	serve := func(grace time.Duration, handler http.HandlerFunc) {
		var ctx stdcontext.Context
		ctx, cancel = stdcontext.WithCancel(stdcontext.Background())
		ended = make(chan error, 1)
		go func() { ended <- api.Serve(ctx, []net.Listener{listener}, handler, grace, log.New(logs, "", 0)) }()
	}

	get := func() chan answer {
		answers := make(chan answer, 1)
		go func() {
			response, err := http.Get("http://" + listener.Addr().String())
			if err != nil {
				answers <- answer{err: err}
				return
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			answers <- answer{string(body), err}
		}()
		return answers
	}

	it.Before(func() {
		var err error
		listener, err = net.Listen("tcp4", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		logs = gbytes.NewBuffer()
	})

	it.After(func() {
		cancel()
		Expect(listener.Close()).To(MatchError(net.ErrClosed), "serve has closed it")
	})

	it("lets a request in flight end, and takes no more", func() {
		inFlight, release := make(chan struct{}), make(chan struct{})
		serve(time.Minute, func(response http.ResponseWriter, _ *http.Request) {
			close(inFlight)
			<-release
			_, _ = io.WriteString(response, "whole")
		})

		answers := get()
		Eventually(inFlight).Should(BeClosed())
		cancel()
		Eventually(logs).Should(gbytes.Say(`^Stopping\.\n`))
		Eventually(func() error {
			connection, err := net.Dial("tcp", listener.Addr().String())
			if err == nil {
				connection.Close()
			}
			return err
		}).Should(HaveOccurred())
		Expect(ended).NotTo(Receive())

		close(release)
		Eventually(answers).Should(Receive(Equal(answer{body: "whole"})))
		Eventually(ended).Should(Receive(BeNil()))
		Expect(string(logs.Contents())).To(Equal("Stopping.\n"))
	})

	it("cuts off a request that outlasts the grace, and still stops cleanly", func() {
		inFlight := make(chan struct{})
		serve(time.Millisecond, func(_ http.ResponseWriter, request *http.Request) {
			close(inFlight)
			<-request.Context().Done()
		})

		answers := get()
		Eventually(inFlight).Should(BeClosed())
		cancel()
		Eventually(ended).Should(Receive(BeNil()))
		Eventually(answers).Should(Receive(WithTransform(func(a answer) error { return a.err }, MatchError(io.EOF))))
	})

	it("answers others while many clients do not read a large answer", func() {
		large := bytes.Repeat([]byte("x"), 15<<20)
		serve(time.Millisecond, func(response http.ResponseWriter, request *http.Request) {
			if request.URL.Path == "/large" {
				_, _ = response.Write(large)
			}
		})
		for range 140 {
			connection, err := net.Dial("tcp", listener.Addr().String())
			Expect(err).NotTo(HaveOccurred())
			defer connection.Close()
			_, err = io.WriteString(connection, "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
			Expect(err).NotTo(HaveOccurred())
		}
		response, err := (&http.Client{Timeout: 30 * time.Second}).Get("http://" + listener.Addr().String() + "/health")
		Expect(err).NotTo(HaveOccurred(), "before, it took 45 seconds")
		Expect(response.Body.Close()).To(Succeed())
		cancel()
		Eventually(ended, "1m").Should(Receive(BeNil()))
	})

	context("failure cases", func() {
		it("says that it cannot go on", func() {
			serve(time.Minute, http.NotFound)
			Expect(listener.Close()).To(Succeed())

			var err error
			Eventually(ended).Should(Receive(&err))
			Expect(err).To(MatchError(HavePrefix("failed to serve on " + listener.Addr().String() + ": ")))
			Expect(err).To(MatchError(net.ErrClosed))
			Expect(logs.Contents()).To(BeEmpty())
		})
	})
}
