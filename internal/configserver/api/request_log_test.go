package api_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testRequestLog(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	it("has a line for each of a few requests, and a number of many", func() {
		source := &scripted{}
		source.says(map[string]any{"a": "b"})
		server := start(t, source).ready()
		for range 25 {
			server.get("/config")
		}
		server.stop()
		logs := string(server.logs.Contents())
		Expect(logs).To(MatchRegexp(`(?s)^(Received a request for config\.\n){10}.*Received \d+ more requests for config\.\n`))
		counted := strings.Count(logs, "Received a request for config.\n")
		for _, more := range regexp.MustCompile(`Received (\d+) more`).FindAllStringSubmatch(logs, -1) {
			number, err := strconv.Atoi(more[1])
			Expect(err).NotTo(HaveOccurred())
			counted += number
		}
		Expect(counted).To(Equal(25), logs) // in two windows, if that takes longer than one
	})
}
