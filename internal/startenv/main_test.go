package startenv_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/startenv"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestStartEnv(t *testing.T) {
	suite := spec.New("startenv", spec.Report(report.Terminal{}))
	suite("Main", testMain)
	suite("Sidecar", testSidecar)
	suite.Run(t)
}

func testMain(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
	)

	it.Before(func() {
		stdout.Reset()
		stderr.Reset()
	})
	run := func(environ string, args ...string) int {
		return startenv.Main(append([]string{"sidecar-env"}, args...), []string{environ}, &stdout, &stderr)
	}

	it("prints a sidecar's env as it is stated, each with a NUL behind it", func() {
		Expect(run("SIDECAR_A_ENV={A: \"two\\nlines\", B: $A}", "env", "a", "SIDECAR_A_ENV")).To(Equal(0))
		Expect(stdout.String()).To(Equal("A=two\nlines\x00B=$A\x00"))
		Expect(stderr.String()).To(BeEmpty())
	})

	it("prints its app-env for a shell, where existing settings win", func() {
		Expect(run("SIDECARS=- {name: a b, app-env: {A: it's, B: '$A $(id)', C: mine}}", "app-env", "a b", "SIDECARS")).To(Equal(0))
		sourced := exec.Command("sh", "-euc", stdout.String()+`printf %s "$A|$B|$C"; env`)
		sourced.Env = []string{"PATH=/usr/bin:/bin", "C=theirs"}
		output, err := sourced.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		Expect(string(output)).To(And(HavePrefix("it's|it's $(id)|theirs"), ContainSubstring("\nB=it's $(id)\n")))
	})

	context("failure cases", func() {
		for _, args := range [][]string{{}, {"env", "a"}, {"command", "a", "SIDECARS"}, {"env", "a", "SIDECARS", "x"}} {
			it("says how it is called", func() {
				Expect(run("", args...)).To(Equal(2))
				Expect(stderr.String()).To(HavePrefix("usage: sidecar-env env NAME VARIABLE"))
				Expect(stdout.String()).To(BeEmpty())
			})
		}

		it("says on one line what it cannot read, and prints nothing else", func() {
			Expect(run("SIDECAR_A_B_ENV={A: good, B: [s3cret]}", "app-env", "a\nb", "SIDECARS")).To(Equal(1))
			Expect(stderr.String()).To(Equal(`[sidecar-env] a\nb: SIDECARS is not set, and stated app-env of sidecar "a\nb" at staging: set it, or stage the app again` + "\n"))
			stderr.Reset()
			Expect(run("SIDECAR_A_B_ENV={A: good, B: [s3cret]}", "env", "a\nb", "SIDECAR_A_B_ENV")).To(Equal(1))
			Expect(stderr.String()).To(Equal(`[sidecar-env] a\nb: SIDECAR_A_B_ENV:1: sidecar "a\nb": env: B: found a list; expected text, or a mapping with the key binding` + "\n"))
			Expect(stdout.String()).To(BeEmpty())
		})

		it("fails where it cannot print", func() {
			Expect(startenv.Main([]string{"sidecar-env", "env", "a", "SIDECAR_A_ENV"}, []string{"SIDECAR_A_ENV={A: 1}"}, broken{}, &stderr)).To(Equal(1))
			Expect(stderr.String()).To(Equal("[sidecar-env] a: it is full\n"))
		})
	})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("it is full") }
