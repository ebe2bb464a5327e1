package install_test

import (
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

func testFetch(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *site

		content = append([]byte("#!/bin/sh\n"), noise(300_000)...)
	)

	it.Before(func() {
		s = newSite(t)
	})

	fetch := func(uri string) error {
		t.Helper()
		return s.install(t.Context(), artifact.Artifact{URI: uri, Checksum: sumOf(content).String(), Name: "program"})
	}

	// fetched makes sure of the result, and returns what was said between.
	fetched := func(uri string) []string {
		t.Helper()
		Expect(fetch(uri)).To(Succeed())
		Expect(s.installed()).To(Equal([]string{"program -rwxr-xr-x " + sumOf(content).String()}))
		Expect(s.said[0]).To(HavePrefix("Fetching http://"))
		return s.said[1:]
	}

	it("fetches a file, and says who asks", func() {
		server := serve(t, whole(content))
		Expect(fetched(server.uri())).To(BeEmpty())
		Expect(server.asked("User-Agent")).To(Equal([]string{"sidecar-buildpack"}))
		Expect(server.asked("Range")).To(Equal([]string{""}))
	})

	it("sends user and password of the URI, and its query", func() {
		server := serve(t, whole(content))
		Expect(fetched(server.uri())).To(BeEmpty())
		user, password, _ := server.requests[0].BasicAuth()
		Expect([]string{user, password}).To(Equal([]string{"marie", secret + "-password"}))
		Expect(server.requests[0].URL.Query().Get("token")).To(Equal(secret + "-token"))
	})

	it("does not unpack what a server packs on the way, and does not ask for it", func() {
		packed := gzipOf([]byte("#!/bin/sh\n"))
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed)
		})
		Expect(s.install(t.Context(), artifact.Artifact{URI: server.uri(), Checksum: sumOf(packed).String(), Name: "program"})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{`program -rwxr-xr-x "#!/bin/sh\n"`}), "it is unpacked once, as an artifact")
		Expect(server.asked("Accept-Encoding")).To(Equal([]string{""}))
	})

	context("when a transfer is disturbed", func() {
		// silence is how long a server is silent until the next one is asked, which must answer within
		// that time, too, on a machine that is busy with something else.
		const silence = 3 * time.Second

		it("goes on with the rest after a stall", func() {
			s.installer.Fetcher.Retry.Stall = silence
			server := serve(t, part(content, 100_000, stall), whole(content))
			Expect(fetched(server.uri())).To(ConsistOf(MatchRegexp(`^Fetching goes on in \d+m?s: the server has stopped sending$`)))
			Expect(server.asked("Range")).To(Equal([]string{"", "bytes=100000-"}))
			Expect(server.asked("If-Range")).To(Equal([]string{"", `"1"`}))
		})

		it("goes on after a stall behind the headers", func() {
			s.installer.Fetcher.Retry.Stall = silence
			server := serve(t, part(content, 0, stall), whole(content))
			Expect(fetched(server.uri())).To(ConsistOf(HaveSuffix("the server has stopped sending")))
			Expect(server.asked("Range")).To(Equal([]string{"", ""}))
		})

		it("goes on with the rest after resets", func() {
			server := serve(t, part(content, 100_000, reset), part(content, 50_000, reset), part(content, 1, reset), whole(content))
			Expect(fetched(server.uri())).To(HaveEach(HaveSuffix("connection reset by peer")))
			Expect(server.asked("Range")).To(Equal([]string{"", "bytes=100000-", "bytes=150000-", "bytes=150001-"}))
		})

		it("goes on as often as it takes where enough comes between", func() {
			content = append([]byte("#!/bin/sh\n"), noise(15<<20)...)
			server := serve(t, part(content, 1<<20+1, closeSilently))
			said := fetched(server.uri())
			Expect(len(said)).To(BeNumerically(">", 3*quick.Attempts))
			Expect(said).To(HaveEach(HaveSuffix("unexpected EOF")))
		})

		it("goes on where the server hangs up before it answers", func() {
			server := serve(t, raw(func(*net.TCPConn, int) {}), whole(content))
			Expect(fetched(server.uri())).To(ConsistOf(HaveSuffix(": the server closed the connection")))
		})

		it("goes on where the server hangs up in the middle of the headers", func() {
			server := serve(t, raw(func(conn *net.TCPConn, _ int) { _, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Le") }), whole(content))
			Expect(fetched(server.uri())).To(HaveLen(1))
		})

		it("reads over what it knows where the server does not know ranges", func() {
			server := serve(t, part(content, 100_000, reset), rangeless(content))
			Expect(fetched(server.uri())).To(HaveLen(1))
			Expect(server.asked("Range")).To(Equal([]string{"", "bytes=100000-"}))
		})

		it("reads over what it knows for as long as something comes", func() {
			const pause = 100 * time.Millisecond
			s.installer.Fetcher.Retry.Stall = 40 * pause // less than all takes
			slowly := func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", fmt.Sprint(len(content)))
				for rest := content; len(rest) > 0; time.Sleep(pause) { // what is tested
					n := min(len(rest), 5_000)
					_, _ = w.Write(rest[:n])
					w.(http.Flusher).Flush()
					rest = rest[n:]
				}
			}
			server := serve(t, part(content, 250_000, reset), slowly)
			Expect(fetched(server.uri())).To(ConsistOf(HaveSuffix("connection reset by peer")))
		})

		it("goes on where what it knows breaks off", func() {
			server := serve(t, part(content, 200_000, reset), raw(func(conn *net.TCPConn, _ int) {
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(content))
				_, _ = conn.Write(content[:100_000])
			}), whole(content))
			Expect(fetched(server.uri())).To(HaveLen(2))
			Expect(server.asked("Range")).To(Equal([]string{"", "bytes=200000-", "bytes=200000-"}))
		})

		it("goes on after a body in chunks that breaks off", func() {
			server := serve(t, raw(func(conn *net.TCPConn, _ int) {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n")
				_, _ = conn.Write(content[:100_000])
				_, _ = io.WriteString(conn, "\r\n186a0\r\n")
				_, _ = conn.Write(content[100_000:150_000])
			}), whole(content))
			Expect(fetched(server.uri())).To(ConsistOf(HaveSuffix("unexpected EOF")))
			Expect(server.asked("Range")).To(Equal([]string{"", "bytes=150000-"}))
			Expect(server.asked("If-Range")).To(Equal([]string{"", ""}))
		})

		it("is done where chunks break off behind the last byte", func() {
			server := serve(t, raw(func(conn *net.TCPConn, _ int) {
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", len(content))
				_, _ = conn.Write(content)
			}), whole(content))
			Expect(fetched(server.uri())).To(HaveLen(1))
			Expect(server.asked("Range")).To(Equal([]string{"", fmt.Sprintf("bytes=%d-", len(content))}))
		})

		it("takes a body to the end of its connection where no length is announced", func() {
			server := serve(t, raw(func(conn *net.TCPConn, _ int) {
				_, _ = io.WriteString(conn, "HTTP/1.0 200 OK\r\n\r\n")
				_, _ = conn.Write(content)
			}))
			Expect(fetched(server.uri())).To(BeEmpty())
		})

		it("begins again where the file has changed meanwhile", func() {
			old := append([]byte(nil), content...)
			server := serve(t, part(old, 100_000, reset), tagged(`"2"`, content))
			Expect(fetched(server.uri())).To(HaveLen(1))
			Expect(server.asked("If-Range")).To(Equal([]string{"", `"1"`}))
		})

		for _, refusal := range []struct {
			name   string
			answer http.HandlerFunc
		}{
			{"403", answer(403)}, {"404", answer(404)}, {"400", answer(400)}, {"412", answer(412)}, {"416", answer(416)}, {"501", answer(501)},
			{"416 with the size", answer(416, "Content-Range", "bytes */300010")},
			{"another offset", answer(206, "Content-Range", "bytes 0-300009/300010")},
			{"the offset behind", answer(206, "Content-Range", "bytes 1001-300009/300010")},
			{"an offset that is not said", answer(206, "Content-Range", "bytes */300010")},
			{"several parts", answer(206, "Content-Type", "multipart/byteranges; boundary=x")},
		} {
			it("begins anew where the server answers a wish for the rest with "+refusal.name, func() {
				server := serve(t, part(content, 1000, reset), refusal.answer, part(content, 200_000, reset), rangeless(content))
				Expect(fetched(server.uri())).To(HaveLen(3))
				Expect(server.asked("Range")).To(Equal([]string{"", "bytes=1000-", "", ""}))
			})
		}

		it("begins anew where a server that announced no size says that there is more", func() {
			chunk := func(conn *net.TCPConn, _ int) {
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", 1000, content[:1000])
			}
			server := serve(t, raw(chunk), answer(416), rangeless(content))
			Expect(fetched(server.uri())).To(HaveLen(2))
			Expect(server.asked("Range")).To(Equal([]string{"", "bytes=1000-", ""}))
		})

		it("takes what the server has where it announced more before", func() {
			server := serve(t, raw(func(conn *net.TCPConn, _ int) {
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(content)+1, content)
			}), whole(content))
			Expect(fetched(server.uri())).To(HaveLen(2))
			Expect(server.asked("Range")).To(Equal([]string{"", fmt.Sprintf("bytes=%d-", len(content)), ""}))
		})

		it("asks for the same version by a strong tag only", func() {
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				conn, _, err := w.(http.Hijacker).Hijack()
				must(err)
				defer conn.Close()
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nETag: W/\"1\"\r\nContent-Length: %d\r\n\r\n%s", len(content), content[:1000])
			}, tagged("", content))
			Expect(fetched(server.uri())).To(HaveLen(1))
			Expect(server.asked("If-Range")).To(Equal([]string{"", ""}))
			Expect(server.asked("Range")).To(Equal([]string{"", "bytes=1000-"}))
		})

		it("waits for a server that is slow to answer no longer than it may take", func() {
			s.installer.Fetcher.Retry.Answer = silence
			server := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, whole(content))
			Expect(fetched(server.uri())).To(ConsistOf(HaveSuffix("net/http: timeout awaiting response headers")))
		})

		it("asks again where a connection is refused", func() {
			address := closedAddress(t)
			waiting := make(chan struct{})
			s.installer.Fetcher.Retry.Attempts = 1000
			s.installer.Fetcher.Logf = func(format string, args ...any) {
				s.say(format, args...)
				select {
				case <-waiting:
				default:
					close(waiting)
				}
			}
			go func() {
				<-waiting
				listener, err := net.Listen("tcp", address)
				must(err)
				server := &http.Server{Handler: whole(content)}
				t.Cleanup(func() { _ = server.Close() })
				_ = server.Serve(listener)
			}()
			Expect(fetched("http://marie:" + secret + "@" + address + "/program")).To(HaveEach(HaveSuffix("connect: connection refused")))
		})

		for _, status := range []int{408, 429, 500, 502, 503, 504} {
			it(fmt.Sprintf("asks again after %d", status), func() {
				server := serve(t, answer(status), whole(content))
				Expect(fetched(server.uri())).To(ConsistOf(HaveSuffix(fmt.Sprintf(": the server answers %d %s", status, http.StatusText(status)))))
			})
		}

		it("asks again after 503 in the middle", func() {
			server := serve(t, part(content, 1000, reset), answer(503), whole(content))
			Expect(fetched(server.uri())).To(HaveLen(2))
			Expect(server.asked("Range")).To(Equal([]string{"", "bytes=1000-", "bytes=1000-"}))
		})
	})

	context("when the server says when to come again", func() {
		it.Before(func() {
			s.installer.Fetcher.Retry.Pause = time.Minute
		})

		for _, after := range []string{"3600", "9999999999", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)} {
			it("waits, but no longer than it may: "+after, func() {
				s.installer.Fetcher.Retry.MaxPause = 100 * time.Millisecond
				began := time.Now()
				server := serve(t, answer(429, "Retry-After", after), whole(content))
				Expect(fetched(server.uri())).To(Equal([]string{"Fetching goes on in 100ms: the server answers 429 Too Many Requests"}))
				Expect(time.Since(began)).To(BeNumerically(">=", 100*time.Millisecond))
			})
		}

		it("waits the seconds that it says", func() {
			server := serve(t, answer(503, "Retry-After", "1"), whole(content))
			s.installer.Fetcher.Retry.MaxPause = time.Hour
			Expect(fetched(server.uri())).To(Equal([]string{"Fetching goes on in 1s: the server answers 503 Service Unavailable"}))
		})

		it("waits until the date that it says", func() {
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				answer(503, "Retry-After", time.Now().Add(5*time.Second).UTC().Format(http.TimeFormat))(w, r)
			}, whole(content))
			s.installer.Fetcher.Retry.MaxPause = time.Hour
			Expect(fetched(server.uri())).To(ConsistOf(MatchRegexp(`^Fetching goes on in [0-9.]+m?s: the server answers 503 Service Unavailable$`)))
		})

		for _, after := range []string{"", "0", "-5", "soon", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)} {
			it("waits as ever where that means nothing: "+after, func() {
				s.installer.Fetcher.Retry.Pause = time.Millisecond
				server := serve(t, answer(503, "Retry-After", after), whole(content))
				Expect(fetched(server.uri())).To(Equal([]string{"Fetching goes on in 0s: the server answers 503 Service Unavailable"}))
			})
		}
	})

	context("when the server redirects", func() {
		it("follows to another path of the same host, with user and password", func() {
			server := serve(t, answer(302, "Location", "../other/program?signature="+secret), whole(content))
			Expect(fetched(server.uri())).To(BeEmpty())
			Expect(server.requests[1].URL.Path).To(Equal("/other/program"))
			_, password, _ := server.requests[1].BasicAuth()
			Expect(password).To(Equal(secret + "-password"))
		})

		it("follows to another host, which is told no secret", func() {
			other := serve(t, part(content, 1000, reset), whole(content))
			server := serve(t, answer(307, "Location", strings.Replace(other.URL, "127.0.0.1", "localhost", 1)+"/program"))
			Expect(fetched(server.uri())).To(HaveLen(1))
			Expect(other.asked("Range")).To(Equal([]string{"", "bytes=1000-"}))
			for _, request := range other.requests {
				Expect(fmt.Sprint(request.URL, request.Header)).NotTo(ContainSubstring(secret))
			}
		})

		it("asks the first host again for the rest, since a signature may be for one use", func() {
			server := serve(t, answer(302, "Location", "/1"), part(content, 1000, reset), answer(302, "Location", "/2"), whole(content))
			Expect(fetched(server.uri())).To(HaveLen(1))
			Expect(server.requests[3].URL.Path).To(Equal("/2"))
			Expect(server.asked("Range")).To(Equal([]string{"", "", "bytes=1000-", "bytes=1000-"}))
		})

		context("failure cases", func() {
			it("gives up at once where it goes in circles", func() {
				server := serve(t, answer(301, "Location", "/program?token="+secret))
				Expect(fetch(server.uri())).To(MatchError("failed to install " + server.URL + "/program: it cannot be fetched: the server redirects more than 10 times"))
				Expect(server.count()).To(Equal(11))
			})

			for _, location := range []string{"http://marie:" + secret + "@[bad/program", "http://host:" + secret + "/", "/%zz?" + secret} {
				it(fmt.Sprintf("gives up at once where it goes to an address that cannot be read: %q", strings.ReplaceAll(location, secret, "…")), func() {
					server := serve(t, answer(302, "Location", location))
					Expect(fetch(server.uri())).To(MatchError(And(
						HavePrefix("failed to install "+server.URL+"/program: it cannot be fetched: "),
						HaveSuffix("the server redirects to an address that cannot be read"))))
					Expect(server.count()).To(Equal(1))
				})
			}

			it("does not print a header that cannot be read", func() {
				server := serve(t, raw(func(conn *net.TCPConn, _ int) {
					_, _ = io.WriteString(conn, "HTTP/1.1 302 Found\r\nLocation: http://marie:"+secret+"@h\x7fst/\r\n\r\n")
				}))
				Expect(fetch(server.uri())).To(MatchError(HaveSuffix("gave up after 4 attempts: the server has sent headers that cannot be read")))
			})

			it("says that it goes nowhere", func() {
				server := serve(t, answer(302))
				Expect(fetch(server.uri())).To(MatchError(HaveSuffix("the server answers 302 Found")))
				Expect(server.count()).To(Equal(1))
			})

			it("does not follow from https to http", func() {
				httpServer := serve(t, whole(content))
				server := httptest.NewTLSServer(answer(302, "Location", httpServer.URL+"/program?token="+secret))
				defer server.Close()
				s.installer.Fetcher.Roots = x509.NewCertPool()
				s.installer.Fetcher.Roots.AddCert(server.Certificate())
				Expect(fetch(server.URL + "/program")).To(MatchError("failed to install " + server.URL +
					"/program: it cannot be fetched: the server redirects from https to http; expected https, unless the URI itself begins with http"))
				Expect(httpServer.count()).To(BeZero())
				Expect(s.said).To(HaveLen(1))
			})

			it("does not follow from https to http by way of https, but where the user has asked for http", func() {
				httpServer := serve(t, whole(content))
				var server *httptest.Server
				server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					location := httpServer.URL + "/program"
					if r.URL.Path == "/first" {
						location = server.URL + "/second"
					}
					answer(302, "Location", location)(w, r)
				}))
				defer server.Close()
				roots := x509.NewCertPool()
				roots.AddCert(server.Certificate())
				s.installer.Fetcher.Roots = roots
				Expect(fetch(server.URL + "/first")).To(MatchError(ContainSubstring("redirects from https to http")))
				Expect(httpServer.count()).To(BeZero())
				s = newSite(t)
				s.installer.Fetcher.Roots = roots
				Expect(fetched(serve(t, answer(302, "Location", server.URL+"/second")).URL + "/program")).To(BeEmpty())
				Expect(httpServer.count()).To(Equal(1))
			})

			it("does not follow to a file", func() {
				secretFile := filepath.Join(t.TempDir(), "file")
				Expect(os.WriteFile(secretFile, content, 0o600)).To(Succeed())
				server := serve(t, answer(302, "Location", "file://"+secretFile))
				Expect(fetch(server.uri())).To(MatchError(HaveSuffix("it cannot be fetched: the server redirects to something else than http or https")))
			})

			it("says what is wrong behind it without naming it", func() {
				server := serve(t, answer(302, "Location", "http://marie:"+secret+"@"+closedAddress(t)+"/"+secret+"?token="+secret))
				Expect(fetch(server.uri())).To(MatchError(HaveSuffix("connect: connection refused")))
			})
		})
	})

	context("with a file URI", func() {
		var source string

		it.Before(func() {
			source = filepath.Join(t.TempDir(), "the file")
			Expect(os.WriteFile(source, content, 0o600)).To(Succeed())
		})

		copied := func(uri string) {
			t.Helper()
			Expect(fetch(uri)).To(Succeed())
			Expect(s.installed()).To(Equal([]string{"program -rwxr-xr-x " + sumOf(content).String()}))
		}

		it("opens an absolute path", func() {
			copied("file://" + source)
		})

		it("opens an absolute path on this host", func() {
			copied("file://localhost" + strings.ReplaceAll(source, " ", "%20"))
			Expect(s.said).To(Equal([]string{"Copying file://localhost" + strings.ReplaceAll(source, " ", "%20")}))
		})

		it("looks below the root for what is not there", func() {
			s.installer.Fetcher.Root = filepath.Dir(source)
			copied("file:///the file")
		})

		it("prefers what is there to what is below the root", func() {
			s.installer.Fetcher.Root = t.TempDir()
			inRoot := filepath.Join(s.installer.Fetcher.Root, source)
			Expect(os.MkdirAll(filepath.Dir(inRoot), 0o755)).To(Succeed())
			Expect(os.WriteFile(inRoot, []byte("another"), 0o600)).To(Succeed())
			copied("file://" + source)
		})

		context("failure cases", func() {
			it("says which file is not there", func() {
				s.installer.Fetcher.Root = t.TempDir()
				Expect(fetch("file:///no/such/file")).To(MatchError("failed to install file:///no/such/file: /no/such/file: there is no such file"))
			})

			it("refuses another host", func() {
				Expect(fetch("file://marie:" + secret + "@example.com/file")).To(MatchError(
					`failed to install file://example.com/file: found a file on the host "example.com"; expected file:///PATH`))
			})

			it("refuses a FIFO, without waiting for a writer", func() {
				fifo := filepath.Join(t.TempDir(), "fifo")
				Expect(syscall.Mkfifo(fifo, 0o600)).To(Succeed())
				Expect(fetch("file://" + fifo)).To(MatchError(HaveSuffix(fifo + ": found a named pipe; expected a regular file")))
			})

			it("refuses a directory and a device", func() {
				Expect(fetch("file://" + filepath.Dir(source))).To(MatchError(HaveSuffix(": found a directory; expected a regular file")))
				Expect(fetch("file:///dev/zero")).To(MatchError(HaveSuffix("/dev/zero: found a device; expected a regular file")))
			})

			it("refuses a file that is longer than any archive may be, without reading it", func() {
				Expect(os.Truncate(source, 1<<40)).To(Succeed())
				Expect(s.install(t.Context(), artifact.Artifact{URI: "file://" + strings.ReplaceAll(source, " ", "%20"), Checksum: sumOf(content).String(), Name: "program"})).To(
					MatchError(HaveSuffix("found a file of 1048576 MB; expected at most 32 MB")))
			})

			it("refuses a path that is not one", func() {
				Expect(fetch("file:the-file")).To(MatchError(HavePrefix("failed to install file:")))
				Expect(fetch("file:///a%00b")).To(MatchError(HaveSuffix("invalid argument")))
			})
		})
	})

	context("failure cases", func() {
		for _, status := range []int{400, 401, 403, 404, 407, 410, 418, 451, 501, 505} {
			it(fmt.Sprintf("gives up at once after %d", status), func() {
				server := serve(t, answer(status))
				Expect(fetch(server.uri())).To(MatchError(strings.TrimSpace(fmt.Sprintf(
					"failed to install %s/program: the server answers %d %s", server.URL, status, http.StatusText(status)))))
				Expect(server.count()).To(Equal(1))
			})
		}

		it("gives up at once after an answer that no request was for", func() {
			for _, status := range []int{204, 206, 304, 416} {
				s = newSite(t)
				server := serve(t, answer(status))
				Expect(fetch(server.uri())).To(MatchError(HaveSuffix(fmt.Sprintf("the server answers %d %s", status, http.StatusText(status)))))
				Expect(server.count()).To(Equal(1))
			}
		})

		it("gives up after as many attempts as it may make", func() {
			server := serve(t, answer(503))
			Expect(fetch(server.uri())).To(MatchError(
				"failed to install " + server.URL + "/program: gave up after 4 attempts: the server answers 503 Service Unavailable"))
			Expect(server.count()).To(Equal(4))
			Expect(s.said).To(HaveLen(4), "three pauses and the beginning")
		})

		it("gives up where too little comes between", func() {
			server := serve(t, part(content, 1000, reset))
			Expect(fetch(server.uri())).To(MatchError(And(ContainSubstring("/program: gave up after 4 attempts: "), HaveSuffix("connection reset by peer"))))
			Expect(server.asked("Range")).To(Equal([]string{"", "bytes=1000-", "bytes=2000-", "bytes=3000-"}))
		})

		it("gives up on a server that is silent again and again", func() {
			s.installer.Fetcher.Retry.Stall = 20 * time.Millisecond
			server := serve(t, part(content, 1000, stall))
			Expect(fetch(server.uri())).To(MatchError(HaveSuffix("gave up after 4 attempts: the server has stopped sending")))
		})

		it("gives up on a connection that is refused again and again", func() {
			Expect(fetch("http://marie:" + secret + "@" + closedAddress(t) + "/?token=" + secret)).To(MatchError(And(
				ContainSubstring("gave up after 4 attempts: dial tcp 127.0.0.1:"), HaveSuffix("connect: connection refused"))))
		})

		it("gives up where nothing but another part comes, whatever it is asked for", func() {
			server := serve(t, part(content, 1000, reset), func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Range", "bytes 0-300009/300010")
				w.WriteHeader(http.StatusPartialContent)
			})
			Expect(fetch(server.uri())).To(MatchError(HaveSuffix("/program: the server answers 206 Partial Content")))
			Expect(server.asked("Range")).To(Equal([]string{"", "bytes=1000-", ""}))
		})

		it("counts a beginning anew as an attempt", func() {
			server := serve(t, part(content, 1000, reset), answer(403), answer(503))
			Expect(fetch(server.uri())).To(MatchError(HaveSuffix("/program: gave up after 4 attempts: the server answers 503 Service Unavailable")))
			Expect(server.asked("Range")).To(Equal([]string{"", "bytes=1000-", "", ""}))
		})

		it("says that the server has less than it has sent before", func() {
			server := serve(t, part(content, 1000, reset), rangeless(content[:999]))
			Expect(fetch(server.uri())).To(MatchError(HaveSuffix("/program: it cannot be fetched: the server has sent less than it announced")))
			Expect(server.count()).To(Equal(2))
		})

		it("says that the file is another one", func() {
			other := []byte("<html>Log in, please.</html>")
			server := serve(t, whole(other))
			Expect(fetch(server.uri())).To(MatchError(fmt.Sprintf(
				"failed to install %s/program: the checksum is wrong: found %s; expected %s", server.URL, sumOf(other), sumOf(content))))
			Expect(server.count()).To(Equal(1))
		})

		it("says that the file has changed to another one meanwhile", func() {
			server := serve(t, part(content, 100_000, reset), tagged(`"2"`, noise(len(content))))
			Expect(fetch(server.uri())).To(MatchError(ContainSubstring("the checksum is wrong")))
		})

		it("says that a body without a length has broken off: its checksum is wrong", func() {
			server := serve(t, raw(func(conn *net.TCPConn, _ int) {
				_, _ = io.WriteString(conn, "HTTP/1.0 200 OK\r\n\r\n")
				_, _ = conn.Write(content[:1000])
			}))
			Expect(fetch(server.uri())).To(MatchError(ContainSubstring("the checksum is wrong: found " + sumOf(content[:1000]).String())))
		})

		for _, when := range []struct {
			name   string
			answer func(reached chan struct{}) http.HandlerFunc
		}{
			{"before the answer", func(reached chan struct{}) http.HandlerFunc {
				return func(_ http.ResponseWriter, r *http.Request) { close(reached); <-r.Context().Done() }
			}},
			{"in the middle", func(reached chan struct{}) http.HandlerFunc {
				return part(content, 1000, func(conn *net.TCPConn) { arrived(conn); close(reached); stall(conn) })
			}},
			{"in a pause", func(reached chan struct{}) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) { answer(503)(w, r); close(reached) }
			}},
		} {
			it("returns why it was cancelled, at once: "+when.name, func() {
				s.installer.Fetcher.Retry.Pause, s.installer.Fetcher.Retry.MaxPause = time.Hour, time.Hour
				s.installer.Fetcher.Retry.Stall, s.installer.Fetcher.Retry.Answer = time.Hour, time.Hour
				reached := make(chan struct{})
				server := serve(t, when.answer(reached))
				ctx, cancel := cancellable(t)
				go func() {
					<-reached
					cancel(errEnough)
				}()
				Expect(s.install(ctx, artifact.Artifact{URI: server.uri(), Checksum: sumOf(content).String(), Name: "program"})).To(
					MatchError("failed to install " + server.URL + "/program: it is enough"))
			})
		}

		it("does not take what a server sends once it was cancelled for the whole file", func() {
			for range 20 { // sometimes the connection is closed first
				ctx, cancel := cancellable(t)
				server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					_, _ = w.Write(content[:1000])
					w.(http.Flusher).Flush()
					cancel(errEnough)
				}))
				t.Cleanup(server.Close)
				s.installer.Fetcher.Roots = x509.NewCertPool()
				s.installer.Fetcher.Roots.AddCert(server.Certificate())
				Expect(s.install(ctx, artifact.Artifact{URI: server.URL + "/program", Checksum: sumOf(content).String(), Name: "program"})).To(
					MatchError("failed to install " + server.URL + "/program: it is enough"))
			}
		})

		it("refuses a scheme that it does not know", func() {
			Expect(fetch("ftp://marie:" + secret + "@example.com/program")).To(MatchError(
				`failed to install ftp://example.com/program: found a URI with the scheme "ftp"; expected http, https or file`))
			Expect(fetch("program")).To(MatchError(
				`failed to install program: found a URI with the scheme ""; expected http, https or file`))
		})

		it("refuses what is not a URI", func() {
			for _, uri := range []string{"http://marie:" + secret + "@[bad/", "http://host:" + secret + "/", "http://h/%zz?" + secret, "http://h\n" + secret} {
				Expect(fetch(uri)).To(MatchError("failed to install a URI that cannot be read: the URI cannot be read"))
			}
		})

		it("refuses a URI without a host at once", func() {
			s.installer.Fetcher.Retry.Pause, s.installer.Fetcher.Retry.MaxPause = time.Minute, time.Minute
			Expect(fetch("http:///program?token=" + secret)).To(MatchError(HavePrefix("failed to install http:///program: it cannot be fetched: ")))
		})

		it("says what is wrong with the certificate, at once", func() {
			server := httptest.NewTLSServer(whole(content))
			defer server.Close()
			Expect(fetch(server.URL + "/program?token=" + secret)).To(MatchError(And(
				HavePrefix("failed to install "+server.URL+"/program: "), ContainSubstring("certificate"))))
			Expect(s.said).To(HaveLen(1))
		})

		for _, never := range []struct{ name, uri, message string }{
			{"a port that there is not", "http://127.0.0.1:99999/program", "dial tcp: address 99999: invalid port"},
			{"the port 0", "http://127.0.0.1:0/program", "it cannot be fetched: the URI makes no request"},
			{"no host but a port", "http://:80/program", "it cannot be fetched: the URI makes no request"},
			{"a host that no name server may know", "http://a..b/program", "no such host"},
		} {
			it("gives up at once on "+never.name, func() {
				Expect(fetch(never.uri)).To(MatchError(And(HavePrefix("failed to install "+never.uri+": "), HaveSuffix(never.message))))
				Expect(s.said).To(HaveLen(1))
			})
		}

		it("refuses a file at once that is announced to be longer than any archive may be", func() {
			server := serve(t, raw(func(conn *net.TCPConn, _ int) {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\nx")
			}))
			Expect(fetch(server.uri())).To(MatchError(HaveSuffix("/program: found a file of 1048576 MB; expected at most 32 MB")))
			Expect(server.count()).To(Equal(1))
		})

		it("gives up at once on a server that speaks no https", func() {
			server := serve(t, whole(content))
			Expect(fetch(strings.Replace(server.URL, "http:", "https:", 1) + "/program")).To(MatchError(HaveSuffix("http: server gave HTTP response to HTTPS client")))
			Expect(s.said).To(HaveLen(1))
		})

		it("says that a server does not speak HTTP", func() {
			server := serve(t, raw(func(conn *net.TCPConn, _ int) { _, _ = io.WriteString(conn, "SSH-2.0\r\n") }))
			Expect(fetch(server.uri())).To(MatchError(ContainSubstring("gave up after 4 attempts: ")))
		})
	})

	context("with a proxy in the environment", func() {
		order := func(uri string) order {
			policy := quick
			policy.Attempts = 2
			return order{URI: uri, Checksum: sumOf(content).String(), Directory: s.directory, RetryPolicy: &policy}
		}
		const uri = "http://marie:" + secret + "-password@example.invalid/program?token=" + secret + "-token"

		it("fetches through it, with its user and password", func() {
			proxy := serve(t, whole(content))
			output, err := child(t, order(uri), "HTTP_PROXY="+strings.Replace(proxy.URL, "http://", "http://paul:"+secret+"-proxy@", 1)).CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
			Expect(string(output)).To(Equal("Fetching http://example.invalid/program\n"))
			Expect(proxy.requests[0].URL.Host).To(Equal("example.invalid"))
			Expect(proxy.asked("Proxy-Authorization")).To(Equal([]string{"Basic cGF1bDpzM2NyM3QtcHJveHk="}))
			Expect(s.installed()).To(Equal([]string{"program -rwxr-xr-x " + sumOf(content).String()}))
		})

		it("fetches without it where NO_PROXY says so", func() {
			server, proxy := serve(t, whole(content)), serve(t, answer(500))
			output, err := child(t, order(server.uri()), "http_proxy="+proxy.URL, "no_proxy=127.0.0.1").CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
			Expect(proxy.count()).To(BeZero())
		})

		context("failure cases", func() {
			for _, failing := range []struct{ name, uri, variable, message string }{
				{"refuses connections", uri, "HTTP_PROXY=http://paul:" + secret + "@shut", "connection refused"},
				{"refuses connections to https", strings.Replace(uri, "http:", "https:", 1), "HTTPS_PROXY=http://paul:" + secret + "@shut", "connection refused"},
				{"refuses to go on", uri, "HTTP_PROXY=http://paul:" + secret + "@open", "the server answers 407 Proxy Authentication Required"},
				{"refuses to go on to https", strings.Replace(uri, "http:", "https:", 1), "HTTPS_PROXY=http://paul:" + secret + "@open", "/program: the proxy answers 407 Proxy Authentication Required"},
				{"says nothing of SOCKS", uri, "HTTP_PROXY=socks5://paul:" + secret + "@open", "gave up after 2 attempts: the server has not answered"},
				{"has an address that cannot be read", uri, "HTTP_PROXY=http://paul:" + secret + "@[bad", "it cannot be fetched: the proxy of the environment has an address that cannot be read"},
				{"has a port that cannot be read", uri, "HTTP_PROXY=http://paul:" + secret + "@host:" + secret, "it cannot be fetched: the proxy of the environment has an address that cannot be read"},
				{"has an unknown scheme", uri, "HTTP_PROXY=gopher://paul:" + secret + "@shut", `it cannot be fetched: found a proxy with the scheme "gopher" in the environment; expected http, https or socks5`},
			} {
				it("tells no secret where the proxy "+failing.name, func() {
					proxy := serve(t, answer(407))
					variable := strings.NewReplacer("shut", closedAddress(t), "open", strings.TrimPrefix(proxy.URL, "http://")).Replace(failing.variable)
					o := order(failing.uri)
					if strings.Contains(variable, "socks5") { // it waits for all of that time
						o.RetryPolicy.Connect, o.RetryPolicy.Answer = time.Second, time.Second
					}
					output, err := child(t, o, variable).CombinedOutput()
					Expect(err).To(MatchError("exit status 1"), string(output))
					Expect(string(output)).To(ContainSubstring(failing.message))
					Expect(string(output)).To(ContainSubstring("failed to install http"))
					Expect(string(output)).NotTo(ContainSubstring(secret))
					Expect(list(t, s.base)).To(Equal(s.before))
				})
			}
		})
	})

	context("Redact", func() {
		it("leaves out user, password, query and fragment", func() {
			Expect(install.Redact("https://marie:" + secret + "@host:8443/a%2Fb/c?token=" + secret + "#" + secret)).To(Equal("https://host:8443/a%2Fb/c"))
			Expect(install.Redact("file:///a/b")).To(Equal("file:///a/b"))
			Expect(install.Redact("mailto:" + secret)).NotTo(ContainSubstring(secret))
			Expect(install.Redact("http://marie:" + secret + "@[bad")).To(Equal("a URI that cannot be read"))
		})
	})

}
