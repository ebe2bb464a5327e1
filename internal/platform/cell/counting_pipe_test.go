package cell

import (
	"io"
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testCountingPipe(t *testing.T, _ spec.G, it spec.S) {
	var (
		Expect        = NewWithT(t).Expect
		reader        *countingPipe
		write         *os.File
		longAgo       = time.Now().Add(-time.Hour)
		expectWaiting = func() {
			t.Helper()
			NewWithT(t).Eventually(reader.idle).Should(BeNumerically(">", 0))
		}
	)

	it.Before(func() {
		read, writer, err := os.Pipe()
		Expect(err).NotTo(HaveOccurred())
		t.Cleanup(func() { _, _ = read.Close(), writer.Close() })
		reader, write = &countingPipe{File: read}, writer
	})

	it("counts what is read, and is idle while its reader waits", func() {
		chunks := make(chan string)
		go func() {
			defer close(chunks)
			for chunk := make([]byte, 10); ; {
				n, err := reader.Read(chunk)
				if err != nil {
					chunks <- err.Error()
					return
				}
				chunks <- string(chunk[:n])
			}
		}()
		for _, text := range []string{"one", "three"} {
			expectWaiting()
			_, err := io.WriteString(write, text)
			Expect(err).NotTo(HaveOccurred())
			Expect(<-chunks).To(Equal(text))
		}
		Expect(reader.read.Load()).To(BeEquivalentTo(len("onethree")))
		Expect(write.Close()).To(Succeed())
		Expect(<-chunks).To(Equal("EOF"))
		Expect(<-chunks).To(BeEmpty())
		Expect(reader.Close()).To(Succeed())
		expectWaiting()
	})

	it("is not idle while there is something to read, however late its reader is woken", func() {
		reader.since.Store(longAgo.UnixNano()) // it waits, and goes on when the scheduler lets it
		Expect(reader.idle()).To(BeNumerically(">=", time.Hour))
		_, err := io.WriteString(write, "the last words")
		Expect(err).NotTo(HaveOccurred())
		Expect(reader.idle()).To(BeZero())
	})

	it("is not idle before its reader has seen the end", func() {
		reader.since.Store(longAgo.UnixNano())
		Expect(write.Close()).To(Succeed())
		Expect(reader.idle()).To(BeZero())
	})

	it("ends reading at a deadline", func() {
		Expect(reader.SetReadDeadline(time.Unix(1, 0))).To(Succeed())
		_, err := reader.Read(make([]byte, 1))
		Expect(err).To(MatchError(os.ErrDeadlineExceeded))
	})
}
