package show

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testOutput(t *testing.T, context spec.G, it spec.S) {
	it("hands on what is written, in its order, before it is closed", func() {
		Expect := NewWithT(t).Expect
		written := &platformtest.Lines{}
		output := NewOutput(written)
		var expected strings.Builder
		for i := range 10 * outputQueue {
			fmt.Fprintln(output, i)
			fmt.Fprintln(&expected, i)
		}
		Expect(output.Close()).To(Succeed())
		Expect(written.String()).To(Equal(expected.String()))
	})

	it("waits for a slow reader, even where it is told to hasten", func() {
		synctest.Test(t, func(t *testing.T) {
			Expect := NewWithT(t).Expect
			read, write := io.Pipe()
			output := NewOutput(write)
			fmt.Fprintln(output, "one")
			fmt.Fprintln(output, "two")
			output.Expedite()
			text := make([]byte, 4)
			for _, expected := range []string{"one\n", "two\n"} {
				time.Sleep(outputPatience * 9 / 10)
				_, err := io.ReadFull(read, text)
				Expect(err).NotTo(HaveOccurred())
				Expect(string(text)).To(Equal(expected))
			}
			Expect(output.Close()).To(Succeed())
		})
	})

	context("failure cases", func() {
		it("gives up on a reader that reads nothing, once it is told to hasten", func() {
			synctest.Test(t, func(t *testing.T) {
				Expect := NewWithT(t).Expect
				read, write := io.Pipe()
				output := NewOutput(write)
				flooded := make(chan struct{})
				go func() {
					defer close(flooded)
					for range 10 * outputQueue {
						fmt.Fprintln(output, "line")
					}
				}()
				time.Sleep(time.Hour)
				Expect(flooded).NotTo(BeClosed(), "the log waits for its reader")

				output.Expedite()
				time.Sleep(2 * outputPatience)
				Expect(flooded).To(BeClosed())
				Expect(output.Close()).To(MatchError("the end of the log could not be written: its reader does not read"))
				Expect(read.Close()).To(Succeed())
			})
		})

		it("tells of a write that fails, and takes what is written from then on", func() {
			synctest.Test(t, func(t *testing.T) {
				Expect := NewWithT(t).Expect
				read, write := io.Pipe()
				Expect(read.CloseWithError(errors.New("full"))).To(Succeed())
				output := NewOutput(write)
				for range 10 * outputQueue {
					fmt.Fprintln(output, "line")
				}
				Expect(<-output.Failed()).To(MatchError("full"))
				Expect(output.Close()).To(Succeed())
			})
		})
	})
}
