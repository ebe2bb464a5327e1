package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/columns"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
)

func testTable(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		now        = time.Date(2026, 11, 20, 16, 46, 47, 0, time.UTC)
		web        = status.Status{App: "app", Type: "web", Health: "healthy", Memory: 43, Reserved: 896, Since: now.Add(-time.Minute)}
		restarting = status.Status{App: "app", Type: "web", Sidecar: "config-server", Health: "restarting", Restarts: 12, Reserved: 128, Since: now.Add(-24 * time.Hour), Details: "it ended with status 1"}
	)
	shown := func(t table) string {
		t.now = now
		return strings.Join(t.lines(), "\n") + "\n"
	}
	many := func(number int) []status.Status {
		var all []status.Status
		for i := range number {
			one := web
			one.Index = i
			all = append(all, one)
		}
		return all
	}

	it("shows a line for each process", func() {
		Expect("\n" + shown(table{statuses: []status.Status{web, restarting}, apps: true})).To(Equal(`
app  process  sidecar        health      restarts  memory       since         details
app  web/0    -              healthy     0         43M of 896M  16:45:47
app  web/0    config-server  restarting  12        - of 128M    Nov 19 16:46  it ended with status 1
`))
	})

	it("does not say whose they are where there is one app", func() {
		Expect(shown(table{statuses: []status.Status{web}})).To(HavePrefix("process  sidecar  health"))
	})

	it("shows what reserves nothing, or does not run", func() {
		Expect(usage(status.Status{Memory: 12})).To(Equal("12M"))
		Expect(usage(status.Status{Reserved: 1024})).To(Equal("- of 1G"))
		Expect(usage(status.Status{})).To(Equal("-"))
		Expect(table{now: now}.since(time.Time{})).To(Equal("-"))
	})

	it("keeps to its lines, whatever things are called", func() {
		hostile := web
		hostile.App, hostile.Sidecar, hostile.Details = "\x1b[2J", "two\nlines\xff", "\r\u202e"
		Expect(shown(table{statuses: []status.Status{hostile}, apps: true})).To(And(
			ContainSubstring(`"\x1b[2J"  web/0    "two\nlines\xff"`), HaveSuffix(`"\r\u202e"`+"\n")))
	})

	it("aligns what is wide, and what has no width", func() {
		wide, narrow := web, web
		wide.App, narrow.App = "日本", "e\u0301"
		Expect(shown(table{statuses: []status.Status{wide, narrow}, apps: true})).To(And(
			ContainSubstring("\n日本  web/0 "), ContainSubstring("\ne\u0301     web/0 ")))
	})

	it("cuts names where the table must not be wide", func() {
		long := web
		long.App = strings.Repeat("a", 100)
		Expect(shown(table{statuses: []status.Status{long}, apps: true, names: 24})).To(ContainSubstring("\n" + strings.Repeat("a", 23) + "…  web/0"))
	})

	for _, width := range []int{1, 2, 10, 80, 200} {
		for _, rows := range []int{1, 2, 3, 5, 11, 12, 100} {
			it(fmt.Sprintf("keeps below the log to half of a terminal of %d columns and %d rows", width, rows), func() {
				statuses := many(5)
				statuses[0].Details = strings.Repeat("日本", 200)
				lines := tableLines(statuses, width, rows, now)
				Expect(len(lines)).To(BeNumerically("<=", rows/2))
				for _, line := range lines {
					Expect(columns.Width(line)).To(BeNumerically("<", width))
				}
			})
		}
	}

	it("says how many rows it leaves out", func() {
		Expect(tableLines(many(5), 80, 12, now)).To(And(HaveLen(6), Not(ContainElement(HavePrefix("…")))))
		Expect(tableLines(many(6), 80, 12, now)).To(And(HaveLen(6), ContainElement("… and 2 more: sidecar ps shows them")))
		Expect(tableLines(many(2), 80, 2, now)).To(Equal([]string{"… and 2 more: sidecar ps shows them"}))
		Expect(tableLines(many(1), 80, 2, now)).To(Equal([]string{"… and 1 more: sidecar ps shows it"}))
		Expect(tableLines(many(5), 80, 1, now)).To(BeEmpty())
		Expect(tableLines(nil, 80, 24, now)).To(BeEmpty())
	})

	it("tells apps from each other below the log of several", func() {
		other := web
		other.App = "other"
		Expect(tableLines([]status.Status{web, restarting}, 80, 24, now)[0]).To(HavePrefix("process"))
		Expect(tableLines([]status.Status{web, other}, 80, 24, now)[0]).To(HavePrefix("app "))
	})
}
