//go:build linux

package supervise

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testLineFilter(t *testing.T, when spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		now    time.Time
		said   []string
		heard  bool
		report *dropReport
	)

	it.Before(func() {
		now, said, heard = time.Unix(0, 0), nil, true
		report = &dropReport{level: "warn", now: func() time.Time { return now }, say: func(format string, args ...any) bool {
			if heard {
				said = append(said, fmt.Sprintf(format, args...))
			}
			return heard
		}}
	})

	filter := func(log supervision.Log, to io.Writer) *lineFilter {
		t.Helper()
		rules, err := newLogRules(log, "my agent", report)
		Expect(err).NotTo(HaveOccurred())
		return newLineFilter(to, rules)
	}
	// through is what comes out of a filter, however what goes in is cut into pieces.
	through := func(log supervision.Log, text string) string {
		t.Helper()
		var all []string
		for _, from := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
			var out bytes.Buffer
			f := filter(log, &out)
			err := error(nil)
			for err == nil {
				err = f.read(from)
			}
			Expect(err).To(MatchError(io.EOF))
			Expect(f.lines(true)).To(Succeed())
			Expect(cap(f.out)).To(BeNumerically("<=", 4*maxLine))
			all = append(all, out.String())
		}
		Expect(all[1:]).To(Equal([]string{all[0], all[0]}))
		return all[0]
	}

	it("drops lines of a lower level, and what belongs to them, and passes what it does not understand", func() {
		Expect(through(supervision.Log{Level: "warn"}, `{"level":"info","msg":"a"}
{"level":"warn","msg":"b"}
plain
INFO c
	at one
	at two

Caused by: x
DEBUG d
Caused by: y
	... 3 more
ERROR e
	at three
`)).To(Equal(`{"level":"warn","msg":"b"}
plain

Caused by: x
ERROR e
	at three
`))
	})

	it("drops lines that an expression matches, of whatever level", func() {
		Expect(through(supervision.Log{Drop: "^healthcheck|ok$"}, "healthcheck 1\r\na healthcheck\nERROR ok\r\n  more\nlast ok")).To(Equal("a healthcheck\n"))
	})

	it("puts the name in front of each line, and changes nothing else", func() {
		Expect(through(supervision.Log{Prefix: true}, "a\n\n\r\n \n\x00\xff\r\nlast")).To(Equal("[my agent] a\n[my agent]\n[my agent]\r\n[my agent]  \n[my agent] \x00\xff\r\n[my agent] last\n"))
	})

	it("passes lines of any length whole, and drops them whole", func() {
		for _, size := range []int{maxLine - 2, maxLine - 1, maxLine, maxLine + 1, 3*maxLine + 7} {
			long := strings.Repeat("x", size)
			Expect(through(supervision.Log{Level: "warn"}, "a\n"+long+"\nb\n") == "a\n"+long+"\nb\n").To(BeTrue())
			Expect(through(supervision.Log{Level: "warn"}, "a\nINFO "+long+"\nb\n")).To(Equal("a\nb\n"))
			Expect(through(supervision.Log{Prefix: true}, long+"\nb") == "[my agent] "+long+"\n[my agent] b\n").To(BeTrue())
		}
		Expect(through(supervision.Log{Prefix: true}, strings.Repeat("\n", 3*maxLine))).To(HaveLen(3 * maxLine * len("[my agent]\n")))
	})

	it("tells how many it has dropped, at most once a minute, with the next line or at the end", func() {
		var out bytes.Buffer
		f := filter(supervision.Log{Level: "warn", Drop: "^noise"}, &out)
		lines := func(text string) {
			t.Helper()
			Expect(f.read(strings.NewReader(text))).To(Succeed())
		}
		lines("INFO a\nINFO b\nERROR c\n")
		Expect(said).To(BeEmpty())
		now = now.Add(reportInterval)
		lines("ERROR d\n")
		Expect(said).To(Equal([]string{"dropped 2 lines of its output, below the level warn"}))
		now = now.Add(reportInterval)
		lines("ERROR e\n")
		Expect(said).To(HaveLen(1), "there is nothing to tell")
		lines("noise\n")
		now = now.Add(reportInterval)
		heard = false
		lines("noise\nINFO x\n")
		heard = true
		report.tell(true)
		report.tell(true)
		Expect(said[1:]).To(Equal([]string{"dropped 3 lines of its output, 1 below the level warn and 2 by log.drop"}), "no count is forgotten before it is logged")
		lines("noise\n")
		report.tell(true)
		Expect(said[2:]).To(Equal([]string{"dropped 1 line of its output, by log.drop"}))
	})

	when("failure cases", func() {
		it("ends if no one reads the lines that pass", func() {
			full := errors.New("it is full")
			f := filter(supervision.Log{Level: "warn"}, nil)
			f.to = failing{full}
			Expect(f.read(strings.NewReader("a\n"))).To(MatchError(full))
		})

		it("says that an expression is none", func() {
			_, err := newLogRules(supervision.Log{Drop: "("}, "a", report)
			Expect(err).To(MatchError("error parsing regexp: missing closing ): `(`"))
		})
	})
}

type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }

// FuzzLineFilter shows that nothing is lost, and nothing changed, where nothing is dropped.
func FuzzLineFilter(f *testing.F) {
	for _, seed := range []string{"", "a", "a\n", "\n\n", "{\"level\":\"debug\"", "{\"level\":{\"", "<0", "[[", "a=\"", strings.Repeat("x", maxLine+1), "I0102 ", "\x1b["} {
		f.Add([]byte(seed), uint16(3))
	}
	f.Fuzz(func(t *testing.T, text []byte, cut uint16) {
		var out bytes.Buffer
		rules, err := newLogRules(supervision.Log{}, "a", &dropReport{now: time.Now, say: func(string, ...any) bool { return true }})
		if err != nil {
			t.Fatal(err)
		}
		filter := newLineFilter(&out, rules)
		at := min(int(cut), len(text))
		for _, part := range [][]byte{text[:at], text[at:]} {
			for from := bytes.NewReader(part); from.Len() > 0; {
				if err := filter.read(from); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := filter.lines(true); err != nil {
			t.Fatal(err)
		}
		want := string(text)
		if want != "" && !strings.HasSuffix(want, "\n") {
			want += "\n"
		}
		if out.String() != want {
			t.Fatalf("found %q; expected %q", out.String(), want)
		}
	})
}
