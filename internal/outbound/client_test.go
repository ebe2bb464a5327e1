package outbound_test

import (
	"compress/gzip"
	"context"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

const secret = "s3cret"

func testClient(t *testing.T, group spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		options outbound.Options
	)

	it.Before(func() { options = outbound.Options{MaxAnswer: 1 << 20, Timeout: time.Minute} })

	serve := func(handler http.HandlerFunc) *httptest.Server {
		t.Helper()
		server := httptest.NewUnstartedServer(handler)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		options.Roots = x509.NewCertPool()
		options.Roots.AddCert(server.Certificate())
		return server
	}
	get := func(address string) (string, error) {
		client := outbound.NewClient(options)
		defer client.CloseIdleConnections()
		response, err := client.Get(address)
		if err != nil {
			cause := outbound.Cause(err)
			Expect(cause).NotTo(MatchError(ContainSubstring(secret)))
			return "", cause
		}
		content, err := io.ReadAll(response.Body)
		return string(content), err
	}
	refuse := func(server *httptest.Server, expected string) {
		t.Helper()
		_, err := get(server.URL + "/?" + secret)
		Expect(err).To(MatchError(expected))
	}

	it("has an answer of the largest size", func() {
		whole := strings.Repeat("x", 1<<20)
		server := serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, whole) })
		got, err := get(server.URL)
		Expect(err).NotTo(HaveOccurred())
		Expect(got == whole).To(BeTrue())
	})

	it("follows redirections to the same server, with credentials", func() {
		server := serve(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/there" {
				http.Redirect(w, r, "/there", http.StatusFound)
				return
			}
			_, _ = io.WriteString(w, "found")
		})
		Expect(get(server.URL)).To(Equal("found"))
	})

	it("does not count brackets and commas within strings", func() {
		text := `{"a":"` + strings.Repeat(`[{,\"`, 1<<17) + `"}`
		server := serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
		got, err := get(server.URL)
		Expect(err).NotTo(HaveOccurred())
		Expect(got == text).To(BeTrue())
	})

	group("failure cases, which quote nothing", func() {
		it("refuses to be sent to another server, which is not asked", func() {
			var asked atomic.Int32
			other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
			defer other.Close()
			server := serve(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, other.URL+"/"+secret, http.StatusTemporaryRedirect)
			})
			refuse(server, "it redirects to another server; expected an answer of its own")
			Expect(asked.Load()).To(BeZero())
		})

		it("gives up going around", func() {
			server := serve(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/"+secret, http.StatusFound) })
			refuse(server, "it redirects without an end")
		})

		for name, write := range testtable.Sorted(map[string]func(http.ResponseWriter){
			"a large answer": func(w http.ResponseWriter) {
				w.Header().Set("Content-Length", "52428800")
				_, _ = io.WriteString(w, secret)
			},
			"an answer without an end": func(w http.ResponseWriter) {
				for err := error(nil); err == nil; {
					_, err = io.WriteString(w, strings.Repeat(secret, 1000))
				}
			},
			"a small answer that unpacks to a large one": func(w http.ResponseWriter) {
				w.Header().Set("Content-Encoding", "gzip")
				packed := gzip.NewWriter(w)
				for range 2000 {
					_, _ = packed.Write(make([]byte, 1000))
				}
				_ = packed.Close()
			},
		}) {
			it("refuses "+name, func() {
				refuse(serve(func(w http.ResponseWriter, _ *http.Request) { write(w) }), "found an answer larger than 1048576 bytes; expected no more")
			})
		}

		it("refuses JSON that would take the stack or the memory", func() {
			refuse(serve(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, strings.Repeat(`{"`+secret+`":`, 101))
			}), "found JSON nested deeper than 100; expected no more")
			refuse(serve(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "["+strings.Repeat("0,", 250_000)+"0]")
			}), "found JSON with more than 250000 values; expected no more")
		})

		it("refuses half an answer", func() {
			refuse(serve(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "1000")
				_, _ = io.WriteString(w, secret)
			}), "it closed the connection")
		})

		it("waits for no answer longer than it may", func() {
			options.Timeout = 100 * time.Millisecond
			refuse(serve(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), "it has not answered in time")
			refuse(serve(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, secret)
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			}), "it has not answered in time")
		})

		it("ends with its context", func() {
			ctx, cancel := context.WithCancel(t.Context())
			server := serve(func(_ http.ResponseWriter, r *http.Request) {
				cancel()
				<-r.Context().Done()
			})
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
			Expect(err).NotTo(HaveOccurred())
			_, err = outbound.NewClient(options).Do(request)
			Expect(outbound.Cause(err)).To(MatchError(context.Canceled))
		})

		it("refuses an answer that its server completes while the client gives up", func() {
			ctx, cancel := context.WithCancel(t.Context())
			server := serve(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, secret)
			})
			trace := &httptrace.ClientTrace{GotFirstResponseByte: cancel}
			request, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodGet, server.URL, nil)
			Expect(err).NotTo(HaveOccurred())
			_, err = outbound.NewClient(options).Do(request)
			Expect(outbound.Cause(err)).To(MatchError(context.Canceled))
		})

		it("trusts no server of other authorities", func() {
			server := serve(func(http.ResponseWriter, *http.Request) {})
			options.Roots = x509.NewCertPool()
			_, err := get(server.URL)
			Expect(err).To(MatchError(HaveSuffix("certificate signed by unknown authority: trusted are the system's authorities and those in CF_SYSTEM_CERT_PATH")))
		})

		it("shows no credentials of an address, and says that there is no server or no such host", func() {
			_, err := get("http://" + secret + ":" + secret + "@127.0.0.1:" + testport.Free(t) + "/" + secret)
			Expect(err).To(MatchError(HaveSuffix("connection refused")))
			err = outbound.Cause(&url.Error{Op: "Get", URL: "https://" + secret, Err: &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "config.invalid", IsNotFound: true}}})
			Expect(err).To(MatchError("dial tcp: lookup config.invalid: no such host"))
		})

		it("says that a server speaks no HTTP", func() {
			_, err := get(serve(func(w http.ResponseWriter, _ *http.Request) {
				connection, _, err := w.(http.Hijacker).Hijack()
				if err == nil {
					_, _ = io.WriteString(connection, secret+"\r\n\r\n")
					_ = connection.Close()
				}
			}).URL)
			Expect(err).To(MatchError("its answer is not HTTP, or not by TLS"))
		})
	})
}
