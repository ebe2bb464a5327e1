package configserver_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testAnswers(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		server *running
	)

	it.Before(func() {
		server = start(t, `CONFIG_SERVER_CONFIG={"a":1}`)
	})

	it.After(func() {
		server.stop(t)
	})

	for _, path := range []string{"/config", "/config/", "/config/?refresh=true"} {
		it("answers GET "+path+" with the configuration", func() {
			response, body := server.request(t, http.MethodGet, path)
			Expect(response.StatusCode).To(Equal(http.StatusOK))
			Expect(response.Header.Get("Content-Type")).To(Equal("application/json"))
			Expect(response.Header.Get("Cache-Control")).To(Equal("no-store"))
			Expect(body).To(Equal("{\"a\":1}\n"))
		})

		it("answers HEAD "+path+" without a body", func() {
			response, body := server.request(t, http.MethodHead, path)
			Expect(response.StatusCode).To(Equal(http.StatusOK))
			Expect(response.Header.Get("Content-Type")).To(Equal("application/json"))
			Expect(response.ContentLength).To(Equal(int64(len("{\"a\":1}\n"))))
			Expect(body).To(BeEmpty())
		})
	}

	asked := func(host string) int {
		request, err := http.NewRequest(http.MethodGet, "http://127.0.0.1:"+server.port+"/config/", nil)
		Expect(err).NotTo(HaveOccurred())
		request.Host = host
		response, err := http.DefaultTransport.RoundTrip(request)
		Expect(err).NotTo(HaveOccurred())
		Expect(response.Body.Close()).To(Succeed())
		return response.StatusCode
	}

	it("refuses a host with a zone, and none by HTTP/1.1", func() {
		for _, host := range []string{"[::1%25eth0]", ""} {
			connection, err := net.Dial("tcp", "127.0.0.1:"+server.port)
			Expect(err).NotTo(HaveOccurred())
			_, err = io.WriteString(connection, "GET /config HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
			Expect(err).NotTo(HaveOccurred())
			answer, err := io.ReadAll(connection)
			Expect(err).NotTo(HaveOccurred())
			Expect(connection.Close()).To(Succeed())
			Expect(string(answer)).To(HavePrefix("HTTP/1.1 421 "), host)
		}
	})

	it("refuses a query that cannot be read", func() {
		response, body := server.request(t, http.MethodGet, "/config?wait=1s%zz&since=x")
		Expect(response.StatusCode).To(Equal(http.StatusBadRequest))
		Expect(body).To(Equal("400 bad request: the query cannot be read: expected one such as ?wait=30s&since=TAG\n"))
		response, _ = server.request(t, http.MethodGet, "/config?wait=65536")
		Expect(response.StatusCode).To(Equal(http.StatusOK))
	})

	it("answers to the names of this machine alone, which no web page has", func() {
		for _, host := range []string{"localhost", "LocalHost:8082", "localhost.", "localhost.:8082", "127.0.0.1", "127.0.0.1:1", "127.1.2.3:8082", "[::1]", "[::1]:8082"} {
			Expect(asked(host)).To(Equal(http.StatusOK), host)
		}
		for _, host := range []string{"evil.example", "evil.example:8082", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0:8082", "[fe80::1]", "localhost:8082:x", "localhost:evil.com", "127.0.0.1:x", "my-app", "[", "[]", ":8082"} {
			Expect(asked(host)).To(Equal(http.StatusMisdirectedRequest), host)
		}
		Expect(strings.Count(string(server.logs.Contents()), "Received")).To(Equal(9))
	})

	it("makes room for a new connection where others are only kept alive", func() {
		for range 300 { // each client keeps one
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			response, err := (&http.Client{Transport: transport}).Get("http://localhost:" + server.port + "/health")
			Expect(err).NotTo(HaveOccurred())
			_, err = io.Copy(io.Discard, response.Body)
			Expect(err).NotTo(HaveOccurred())
			Expect(response.Body.Close()).To(Succeed())
		}
	})

	it("answers /health", func() {
		response, body := server.request(t, http.MethodGet, "/health")
		Expect(response.StatusCode).To(Equal(http.StatusOK))
		Expect(response.Header.Get("Content-Type")).To(Equal("application/json"))
		Expect(body).To(Equal(`{"status":"UP"}`))

		response, body = server.request(t, http.MethodHead, "/health")
		Expect(response.StatusCode).To(Equal(http.StatusOK))
		Expect(body).To(BeEmpty())
	})

	it("logs the requests for the configuration, and no others", func() {
		server.request(t, http.MethodGet, "/health")
		server.request(t, http.MethodGet, "/config/")
		server.request(t, http.MethodPost, "/config/")
		server.request(t, http.MethodHead, "/config")
		server.request(t, http.MethodGet, "/elsewhere")
		server.stop(t)

		Expect(string(server.logs.Contents())).To(Equal("Listening on 127.0.0.1:" + server.port + ".\n" +
			"Received a request for config.\n" +
			"Received a request for config.\n" +
			"Stopping.\n"))
	})

	context("failure cases", func() {
		for _, path := range []string{"/", "/configuration", "/config/x", "/config//", "//config", "/x/../config", "/Config", "/health/"} {
			it("answers "+path+" with 404", func() {
				response, body := server.request(t, http.MethodGet, path)
				Expect(response.StatusCode).To(Equal(http.StatusNotFound))
				Expect(body).To(Equal("404 page not found\n"))
			})
		}

		for _, path := range []string{"/config", "/config/", "/health"} {
			for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
				it("answers "+method+" "+path+" with 405", func() {
					response, body := server.request(t, method, path)
					Expect(response.StatusCode).To(Equal(http.StatusMethodNotAllowed))
					Expect(response.Header.Get("Allow")).To(Equal("GET, HEAD"))
					Expect(body).To(Equal("405 method not allowed\n"))
				})
			}
		}
	})
}
