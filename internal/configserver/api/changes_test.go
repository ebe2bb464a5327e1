package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testChanges(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		source     *scripted
		server     *running
	)

	it.Before(func() {
		source = &scripted{}
		source.says(map[string]any{"db.url": "one", "db.pool": true})
		server = start(t, source).ready()
	})

	it.After(func() { server.stop() })

	for _, path := range []string{"/config", "/config/db.url", "/config/db", "/shop/default", "/other/default/label"} {
		it("has an ETag, and 304 for who has it: "+path, func() {
			response, body := server.get(path)
			Expect(response.StatusCode).To(Equal(http.StatusOK))
			Expect(body).To(ContainSubstring("one"))
			Eventually(func() string { // on a busy machine, the source may not have been asked for a second
				response, _ := server.get(path)
				return response.Header.Get("Age")
			}, patient).Should(Equal("0"))
			tag := response.Header.Get("ETag")
			Expect(tag).To(MatchRegexp(`^"[\w-]{22}"$`))

			for _, known := range []string{tag, `"other", ` + tag, "W/" + tag, "*"} {
				response, body = server.get(path, "If-None-Match", known)
				Expect(response.StatusCode).To(Equal(http.StatusNotModified), known)
				Expect(response.Header.Get("ETag")).To(Equal(tag))
				Expect(body).To(BeEmpty())
			}
			response, _ = server.get(path, "If-None-Match", `"other"`)
			Expect(response.StatusCode).To(Equal(http.StatusOK))
			for _, known := range []string{tag, strings.Trim(tag, `"`), "1"} { // the last one is the version
				response, _ = server.get(path + "?since=" + known)
				Expect(response.StatusCode).To(Equal(http.StatusNotModified), known)
			}

			source.says(map[string]any{"db.url": "one, two"})
			Eventually(func() string {
				_, body := server.get(path, "If-None-Match", tag)
				return body
			}, patient).Should(ContainSubstring("two"))
		})

		it("answers a long poll when there is another answer: "+path, func() {
			response, _ := server.get(path)
			tag := strings.Trim(response.Header.Get("ETag"), `"`)
			answers := make(chan string, 1)
			go func() {
				response, body, err := server.try(path + "?wait=5m&since=" + tag)
				if err != nil {
					body = err.Error()
				}
				answers <- fmt.Sprint(response.StatusCode, " ", response.Header.Get("Content-Type"), " ", body)
			}()
			Expect(server.waitingAt(path)).To(BeTrue())
			time.Sleep(20 * interval) // what is tested: no other client asks for the answer so long
			source.says(map[string]any{"db.url": "one, two"})
			Eventually(answers, patient).Should(Receive(And(HavePrefix("200 "), ContainSubstring("two"))))
		})
	}

	it("answers a long poll at once to who has another answer, and with 304 if there is no other in time", func() {
		response, body := server.get("/config?wait=5m&since=another")
		Expect(response.StatusCode).To(Equal(http.StatusOK))
		Expect(body).To(ContainSubstring("one"))
		tag := response.Header.Get("ETag")
		for _, wait := range []string{"0", "1ms", "0s"} {
			response, body = server.get("/config?wait="+wait, "If-None-Match", tag)
			Expect(response.StatusCode).To(Equal(http.StatusNotModified))
			Expect(response.Header.Get("ETag")).To(Equal(tag))
			Expect(body).To(BeEmpty())
		}
		response, _ = server.get("/config?wait=5m")
		Expect(response.StatusCode).To(Equal(http.StatusOK), "without since, there is nothing to wait for")
	})

	it("does not answer a long poll where only other keys change", func() {
		response, _ := server.get("/config/db.url")
		_, reader := server.dial("/config/db.url?wait=5m&since=" + strings.Trim(response.Header.Get("ETag"), `"`))
		source.says(map[string]any{"db.url": "one", "db.pool": false})
		Eventually(func() string {
			_, body := server.get("/config/db.pool")
			return body
		}, patient).Should(Equal("false"))
		source.says(map[string]any{"db.url": "three"})
		answer, err := http.ReadResponse(reader, nil)
		Expect(err).NotTo(HaveOccurred())
		defer answer.Body.Close()
		Expect(answer.StatusCode).To(Equal(http.StatusOK))
	})

	it("answers a long poll with 404 where the key is gone", func() {
		response, _ := server.get("/config/db.url")
		_, reader := server.dial("/config/db.url?wait=5m&since=" + strings.Trim(response.Header.Get("ETag"), `"`))
		source.says(map[string]any{})
		answer, err := http.ReadResponse(reader, nil)
		Expect(err).NotTo(HaveOccurred())
		defer answer.Body.Close()
		Expect(answer.StatusCode).To(Equal(http.StatusNotFound))
	})

	it("sends events, which have no value", func() {
		_, reader := server.dial("/events")
		answer, err := http.ReadResponse(reader, nil)
		Expect(err).NotTo(HaveOccurred())
		defer answer.Body.Close()
		Expect(answer.Header.Get("Content-Type")).To(Equal("text/event-stream"))
		event := make([]byte, 4096)
		for _, version := range []string{"1", "2"} {
			n, err := answer.Body.Read(event)
			Expect(err).NotTo(HaveOccurred())
			Expect(string(event[:n])).To(MatchRegexp(`^event: change\nid: [\w-]{22}\ndata: {"etag":"\\"[\w-]{22}\\"","version":"` + version + `"}\n\n$`))
			source.says(map[string]any{"db.url": "two"})
		}
	})

	it("sends a client that comes back nothing that it knows", func() {
		response, _ := server.get("/config")
		connection, reader := server.dial("/events HTTP/1.1\r\nLast-Event-ID: " + strings.Trim(response.Header.Get("ETag"), `"`) + "\r\nX:")
		defer connection.Close()
		answer, err := http.ReadResponse(reader, nil)
		Expect(err).NotTo(HaveOccurred())
		defer answer.Body.Close()
		source.says(map[string]any{"db.url": "two"})
		event := make([]byte, 4096)
		n, err := answer.Body.Read(event)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(event[:n])).To(ContainSubstring(`"version":"2"`))
	})

	it("tells a thousand clients that wait, and answers others meanwhile", func() {
		response, _ := server.get("/config")
		var readers []func() (*http.Response, error)
		for i := range 1000 {
			path := "/config?wait=5m&since=" + strings.Trim(response.Header.Get("ETag"), `"`)
			if i%2 == 1 {
				path = "/events"
			}
			_, reader := server.dial(path)
			readers = append(readers, func() (*http.Response, error) { return http.ReadResponse(reader, nil) })
		}
		_, body := server.get("/config")
		Expect(body).To(ContainSubstring("one"))
		source.says(map[string]any{"db.url": "two"})
		for _, read := range readers {
			answer, err := read()
			Expect(err).NotTo(HaveOccurred())
			Expect(answer.StatusCode).To(Equal(http.StatusOK))
		}
	})

	it("ends what waits when it stops", func() {
		response, _ := server.get("/config")
		_, poll := server.dial("/config?wait=5m&since=" + strings.Trim(response.Header.Get("ETag"), `"`))
		_, events := server.dial("/events")
		answer, err := http.ReadResponse(events, nil)
		Expect(err).NotTo(HaveOccurred())
		defer answer.Body.Close()
		Expect(server.waitingAt("/config")).To(BeTrue())
		server.stop()
		answer, err = http.ReadResponse(poll, nil)
		Expect(err).NotTo(HaveOccurred())
		defer answer.Body.Close()
		Expect(answer.StatusCode).To(Equal(http.StatusNotModified))
	})

	context("failure cases", func() {
		for _, wait := range []string{"x", "-1s", "1", "30"} {
			it("refuses a wait that is not a duration: "+wait, func() {
				response, body := server.get("/config?since=x&wait=" + wait)
				if wait == "1" || wait == "30" {
					Expect(response.StatusCode).To(Equal(http.StatusOK))
					return
				}
				Expect(response.StatusCode).To(Equal(http.StatusBadRequest))
				Expect(body).To(Equal("400 bad request: wait is not a duration: expected one such as 30s\n"))
			})
		}

		it("refuses more clients that wait than are bearable, and still answers others", func() {
			response, _ := server.get("/config")
			tag := strings.Trim(response.Header.Get("ETag"), `"`)
			for range 2048 {
				server.dial("/config?wait=5m&since=" + tag)
			}
			Eventually(func() int {
				server.dial("/config?wait=5m&since=" + tag) // the one below may have taken its place
				response, _ := server.get("/config?wait=1s&since=" + tag)
				return response.StatusCode
			}, patient).Should(Equal(http.StatusServiceUnavailable))
			response, _ = server.get("/config")
			Expect(response.StatusCode).To(Equal(http.StatusOK))
		})
	})
}

// waitingAt returns once a request sent after those that wait was answered.
func (r *running) waitingAt(path string) bool {
	response, _ := r.get(path)
	return response.StatusCode == http.StatusOK
}
