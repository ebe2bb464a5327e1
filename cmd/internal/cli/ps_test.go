package cli

import (
	"bytes"
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
)

func testPS(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
	)

	it.Before(func() {
		stdout.Reset()
		stderr.Reset()
		t.Setenv("TMPDIR", t.TempDir())
	})

	run := func(args ...string) int {
		return Main(Embedded{Version: "1.2.3"}, append([]string{"sidecar", "ps"}, args...), nil, &stdout, &stderr)
	}

	it("says that nothing runs", func() {
		Expect(run()).To(Equal(0))
		Expect(stdout.String()).To(Equal("No apps are running.\n"))
		Expect(stderr.String()).To(BeEmpty())
	})

	it("says so to programs", func() {
		Expect(run("--output", "json")).To(Equal(0))
		Expect(stdout.String()).To(MatchJSON(`{"apps": []}`))
	})

	it("tells programs all that there is", func() {
		Expect(showStatuses(&stdout, []status.RunningApp{{Name: "<a>", Directory: "/here"}})).To(Succeed())
		Expect(stdout.String()).To(MatchJSON(`{"apps": [{"name": "<a>", "directory": "/here", "processes": []}]}`))
	})

	it("finds a terminal only where there is one that can do more than print", func() {
		Expect((&tool{stdout: &stdout}).terminal()).To(BeNil())
		file, err := os.Open("/dev/null")
		Expect(err).NotTo(HaveOccurred())
		defer file.Close()
		Expect((&tool{stdout: file}).terminal()).To(BeNil())
	})

	context("failure cases", func() {
		for _, wrong := range []struct {
			args    []string
			status  int
			message string
		}{
			{[]string{"app"}, 1, "FAILED\nthere is no app \"app\" running; start it with sidecar push\n"},
			{[]string{"a", "b"}, 2, "Incorrect usage: found 2 arguments; expected at most one, the app's name\nSee 'sidecar ps --help'.\n"},
			{[]string{"--output", "xml"}, 2, "Incorrect usage: --output: found \"xml\"; expected text or json\nSee 'sidecar ps --help'.\n"},
			{[]string{"-w"}, 2, "Incorrect usage: --watch needs a terminal to write to\nSee 'sidecar ps --help'.\n"},
		} {
			it("refuses "+wrong.args[0], func() {
				Expect(run(wrong.args...)).To(Equal(wrong.status))
				Expect(stderr.String()).To(Equal(wrong.message))
				Expect(stdout.String()).To(BeEmpty())
			})
		}
	})
}
