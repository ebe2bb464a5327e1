package keep_test

import (
	stdcontext "context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

func testPoll(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect        = NewWithT(t).Expect
		log           *lines
		first, second *scripted
	)

	it.Before(func() {
		log = &lines{}
		first, second = &scripted{name: "first"}, &scripted{name: "second"}
		first.says(map[string]any{"a": "1"})
		second.says(map[string]any{"a": "2", "b": "2"})
	})

	it("has what all sources say, the first one winning, with their versions", func() {
		inBubble(t, func() keep.Options { return optionsOf(log, first, second) }, func(k *keep.Keeper) {
			Expect(values(k.Main())).To(Equal(map[string]any{"a": "1", "b": "2"}))
			merged := k.Main().Current().Environment
			Expect(merged.Name).To(Equal("shop"))
			Expect(merged.Profiles).To(Equal([]string{"cloud"}))
			Expect(*merged.Version).To(Equal("1,1"))
		})
	})

	it("sees a change within an interval, naming the last version, and tells who waits", func() {
		inBubble(t, func() keep.Options { return optionsOf(log, first) }, func(k *keep.Keeper) {
			Expect(first.fetches()).To(Equal(1))
			changed := k.Main().Changed()
			pass(interval)
			Expect(changed).NotTo(BeClosed())
			Expect(first.previous).To(ConsistOf("1"))

			first.says(map[string]any{"a": "3"})
			pass(interval)
			Expect(changed).To(BeClosed())
			Expect(values(k.Main())).To(HaveKeyWithValue("a", "3"))
			Expect(log.said()).To(BeEmpty())
		})
	})

	it("does not ask all at once: intervals differ by up to a tenth", func() {
		inBubble(t, func() keep.Options { return optionsOf(log, first) }, func(*keep.Keeper) {
			first.fetches()
			pass(100 * interval)
			Expect(first.fetches()).To(And(BeNumerically(">=", 100), BeNumerically("<=", 112)))
		})
	})

	it("counts the age from the last time when the source confirmed the answer", func() {
		inBubble(t, func() keep.Options { return optionsOf(log, first) }, func(k *keep.Keeper) {
			Expect(k.Main().Current().Age(time.Now())).To(BeZero())
			pass(30 * time.Second)
			Expect(k.Main().Current().Age(time.Now())).To(Equal(30 * time.Second))
			pass(30 * time.Second)
			Expect(k.Main().Current().Age(time.Now())).To(BeNumerically("<=", 6*time.Second))
		})
	})

	it("asks with other settings after a failure, if they have changed", func() {
		renewed := &scripted{name: "first"}
		renewed.says(map[string]any{"a": "renewed"})
		reopened := 0
		options := func() keep.Options {
			o := optionsOf(log, first)
			o.Sources[0].Reopen = func(stdcontext.Context) (*keep.Origin, error) {
				if reopened++; reopened < 3 {
					return nil, nil
				}
				return &keep.Origin{Source: renewed, Identity: "first"}, nil
			}
			return o
		}
		first.fails(errNoAccess)
		inBubble(t, options, func(k *keep.Keeper) {
			Expect(k.Main().Current()).To(BeNil())
			pass(interval)
			Expect(values(k.Main())).To(HaveKeyWithValue("a", "renewed"))
			Expect(reopened).To(Equal(3))
			Expect(log.said()).To(HaveExactElements(
				`The source "first" cannot be read: 401: no access.`,
				`The settings of the source "first" have changed.`,
				`The source "first" answers again.`))
		})
	})

	it("says once that settings cannot be read again, why if that changes, and when they can be", func() {
		var unreadable atomic.Pointer[error]
		fails := func(text string) {
			err := errors.New(text)
			unreadable.Store(&err)
		}
		var asked atomic.Int32
		options := func() keep.Options {
			o := optionsOf(log, first)
			o.Sources[0].Reopen = func(stdcontext.Context) (*keep.Origin, error) {
				asked.Add(1)
				if err := unreadable.Load(); err != nil {
					return nil, *err
				}
				return nil, nil
			}
			return o
		}
		inBubble(t, options, func(*keep.Keeper) {
			first.fails(errNoAccess)
			fails("port 5001: connection refused")
			pass(3 * interval)
			fails("port 5002: connection refused")
			pass(3 * interval)
			fails("uri is missing")
			pass(3 * interval)
			unreadable.Store(nil)
			pass(3 * interval)
			Expect(asked.Load()).To(BeNumerically(">", 12))
			fails("uri is missing")
			pass(3 * interval)
			first.says(map[string]any{"a": "again"})
			pass(interval)
			first.fails(errNoAccess)
			pass(3 * interval)
		})
		outage := MatchRegexp(`^The source "first" cannot be read: 401: no access\. Its answer of \S+ ago stays\.$`)
		const unread = `The settings of the source "first" cannot be read again: `
		Expect(log.said()).To(HaveExactElements(
			HavePrefix(unread+"port 5001: "), outage,
			unread+"uri is missing.",
			`The settings of the source "first" can be read again.`,
			unread+"uri is missing.", `The source "first" answers again.`,
			unread+"uri is missing.", outage))
	})

	it("ends a line with the question that an error asks", func() {
		options := func() keep.Options {
			o := optionsOf(log, first)
			o.Sources[0].Reopen = func(stdcontext.Context) (*keep.Origin, error) {
				return nil, errors.New("uri is missing; did you mean url?")
			}
			return o
		}
		inBubble(t, options, func(*keep.Keeper) {
			first.fails(errors.New("no key vlaue; did you mean value?"))
			pass(interval)
		})
		Expect(log.said()).To(ContainElements(
			`The settings of the source "first" cannot be read again: uri is missing; did you mean url?`,
			MatchRegexp(`^The source "first" cannot be read: no key vlaue; did you mean value\? Its answer of \S+ ago stays\.$`)))
	})

	it("asks a source whose answers never change once", func() {
		options := func() keep.Options {
			o := optionsOf(log, first, second)
			o.Sources[0].Static = true
			return o
		}
		inBubble(t, options, func(k *keep.Keeper) {
			pass(10 * interval)
			Expect(first.fetches()).To(Equal(1))
			Expect(k.Status().Sources[0]).To(Equal(keep.SourceStatus{Name: "first", State: "current"}))
		})
	})
}
