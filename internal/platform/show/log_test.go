package show

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/platformtest"
	. "github.com/onsi/gomega"
	"github.com/paketo-buildpacks/packit/v2/chronos"
	"github.com/sclevine/spec"
)

func testLog(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		written *platformtest.Lines
		log     *Log
	)

	it.Before(func() {
		written = &platformtest.Lines{}
		log = NewLog(written, chronos.NewClock(func() time.Time { return time.Date(2026, 11, 20, 16, 46, 47, 419_000_000, time.UTC) }))
	})

	it("CF-20: writes lines in the form of cf logs", func() {
		log.Line("APP/PROC/WEB/SIDECAR/CONFIG-SERVER", 0, Out, "Received a request for config.")
		log.Line("APP/PROC/WEB", 12, Err, "")
		Expect(written.String()).To(Equal("2026-11-20T16:46:47.41+0000 [APP/PROC/WEB/SIDECAR/CONFIG-SERVER/0] OUT Received a request for config.\n" +
			"2026-11-20T16:46:47.41+0000 [APP/PROC/WEB/12] ERR \n"))
	})

	it("CF-20: makes a source of a name, whatever is in it", func() {
		Expect(SourceName("config-server")).To(Equal("CONFIG-SERVER"))
		Expect(SourceName("performance monitor äß☃")).To(Equal("PERFORMANCE MONITOR Äß☃"))
		Expect(SourceName("two\nlines\x1b[2K")).To(Equal("TWO_LINES_[2K"))
	})

	it("passes what a program writes as it is, and nothing of others in its own lines", func() {
		const hostile = "a\x1b[2J\u009b1A\u202eb\xff"
		SplitLines(strings.NewReader(hostile), func(text string) { log.raw("APP/PROC/WEB", 0, Out, text) })
		log.Cell(0, "%s is up", hostile+"\nforged")
		log.Named("app\u202e\nforged").Cell(0, "a")
		const at = "2026-11-20T16:46:47.41+0000 "
		Expect(written.String()).To(Equal(at + "[APP/PROC/WEB/0] OUT " + hostile + "\n" +
			at + `[CELL/0] OUT a\x1b[2J\u009b1A\u202eb\xff\nforged is up` + "\n" +
			"app__forged " + at + "[CELL/0] OUT a\n"))
	})

	it("writes the time where it is", func() {
		log = NewLog(written, chronos.NewClock(func() time.Time {
			return time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("west", -(3*60+30)*60))
		}))
		log.Cell(0, "up after %s", time.Second)
		Expect(written.String()).To(Equal("2026-01-02T03:04:05.00-0330 [CELL/0] OUT up after 1s\n"))
	})

	it("says whose a line is where there are several apps", func() {
		first, second := log.Named("first"), log.Named("second")
		first.Cell(0, "a")
		second.Cell(1, "b")
		Expect(written.String()).To(Equal("first 2026-11-20T16:46:47.41+0000 [CELL/0] OUT a\nsecond 2026-11-20T16:46:47.41+0000 [CELL/1] OUT b\n"))
	})

	it("keeps lines whole that are written at once", func() {
		var all sync.WaitGroup
		for writer := range 20 {
			to := log
			if writer%2 == 1 {
				to = log.Named("app")
			}
			all.Go(func() {
				for range 50 {
					to.Line("STG", writer, Out, strings.Repeat(fmt.Sprint(writer%10), 500))
				}
			})
		}
		all.Wait()
		found := strings.Split(strings.TrimSuffix(written.String(), "\n"), "\n")
		Expect(found).To(HaveLen(1000))
		for _, line := range found {
			Expect(line).To(MatchRegexp(`^(app )?2026-11-20T16:46:47\.41\+0000 \[STG/[0-9]+\] OUT (0{500}|1{500}|2{500}|3{500}|4{500}|5{500}|6{500}|7{500}|8{500}|9{500})$`))
		}
	})
}

func testLogStream(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	// streamed are the texts of the lines that come of an output, read in
	// pieces of every kind.
	streamed := func(output string, how func(io.Reader) io.Reader) []string {
		t.Helper()
		log, written := newLog()
		SplitLines(how(strings.NewReader(output)), func(text string) { log.raw("APP", 0, Out, text) })
		var texts []string
		for _, line := range strings.Split(strings.TrimSuffix(written.Unstamped(), "\n"), "\n") {
			if line != "" {
				texts = append(texts, strings.TrimPrefix(line, "[APP/0] OUT "))
			}
		}
		return texts
	}

	long := strings.Repeat("x", maxLine)
	for _, one := range []struct {
		name, output string
		expected     []string
	}{
		{"lines", "one\ntwo\n", []string{"one", "two"}},
		{"a last line without an end", "one\ntwo", []string{"one", "two"}},
		{"empty lines, which the platform drops", "\n\none\n\n", []string{"one"}},
		{"the ends of Windows' lines", "one\r\n\r\ntwo\r\n", []string{"one", "two"}},
		{"at carriage returns", "10%\r20%\n", []string{"10%", "20%"}},
		{"no character of a long line", long[1:] + "€€\n", []string{long[1:], "€€"}},
		{"nothing", "", nil},
		{"a line as long as may be", long + "\nnext\n", []string{long, "next"}},
		{"one that is longer by a byte", long + "y\nnext\n", []string{long, "y", "next"}},
		{"a long one without an end", long + long + "y", []string{long, long, "y"}},
		{"what is not UTF-8", "\xff\x00\n", []string{"\xff\x00"}},
	} {
		for _, reader := range []struct {
			name string
			how  func(io.Reader) io.Reader
		}{
			{"at once", func(r io.Reader) io.Reader { return r }},
			{"with its end", iotest.DataErrReader},
			{"by halves", iotest.HalfReader},
			{"up to a broken end", iotest.TimeoutReader},
		} {
			if reader.name == "up to a broken end" && len(one.output) > 1000 {
				continue // it breaks off in the middle
			}
			it("splits "+one.name+", read "+reader.name, func() {
				Expect(streamed(one.output, reader.how)).To(Equal(one.expected))
			})
		}
	}

	it("splits a line of the greatest length in the same way however it arrives", func() {
		Expect(streamed(long+"\n", iotest.OneByteReader)).To(Equal([]string{long}))
	})
}

func testProgress(t *testing.T, context spec.G, it spec.S) {
	// The clock of each case is its own, and no time passes.
	bubble := func(name string, work func(t *testing.T, log *Log, written *platformtest.Lines)) {
		it(name, func() {
			synctest.Test(t, func(t *testing.T) {
				log, written := newLog()
				work(t, log, written)
			})
		})
	}

	bubble("says after a second, and then less and less often, that something goes on", func(t *testing.T, log *Log, written *platformtest.Lines) {
		done := log.Heartbeat(SourceStaging, 0, "Staging app")
		time.Sleep(16 * time.Second)
		done()
		NewWithT(t).Expect(written.Unstamped()).To(Equal(
			"[STG/0] OUT Staging app … 1s\n[STG/0] OUT Staging app … 3s\n[STG/0] OUT Staging app … 7s\n[STG/0] OUT Staging app … 15s\n"))
	})

	bubble("says nothing of what takes less than a second", func(t *testing.T, log *Log, written *platformtest.Lines) {
		done := log.Heartbeat(SourceStaging, 0, "Staging app")
		time.Sleep(999 * time.Millisecond)
		done()
		NewWithT(t).Expect(written.String()).To(BeEmpty())
	})

	bubble("says nothing while the log is not quiet", func(t *testing.T, log *Log, written *platformtest.Lines) {
		done := log.Heartbeat(SourceStaging, 0, "Staging app")
		for range 100 {
			time.Sleep(500 * time.Millisecond)
			log.Line("STG", 0, Out, "-----> output")
		}
		done()
		NewWithT(t).Expect(written.String()).NotTo(ContainSubstring("Staging app"))
	})

	bubble("says nothing once it is done", func(t *testing.T, log *Log, written *platformtest.Lines) {
		log.HeartbeatFunc(SourceStaging, 0, func() string { return "Staging app" })()
		time.Sleep(time.Hour)
		NewWithT(t).Expect(written.String()).To(BeEmpty())
	})
}
