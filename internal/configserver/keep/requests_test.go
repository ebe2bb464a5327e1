package keep_test

import (
	stdcontext "context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

func testRequests(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		log    *lines
		source *scripted
		other  = environment.Request{Application: "other", Profiles: []string{"a", "b"}, Label: "x/y"}
	)

	it.Before(func() {
		log = &lines{}
		source = &scripted{name: "git"}
		source.says(map[string]any{"a": "b"})
	})

	run := func(then func(k *keep.Keeper)) {
		t.Helper()
		inBubble(t, func() keep.Options { return optionsOf(log, source) }, func(k *keep.Keeper) {
			source.fetches()
			then(k)
		})
	}

	get := func(k *keep.Keeper, request environment.Request) *keep.Subject {
		t.Helper()
		subject, err := k.Get(stdcontext.Background(), request)
		Expect(err).NotTo(HaveOccurred())
		return subject
	}

	it("asks for another request once, however many ask for it at the same time", func() {
		run(func(k *keep.Keeper) {
			source.takes(time.Second)
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() { Expect(values(get(k, other))).To(HaveKeyWithValue("a", "b")) })
			}
			all.Wait()
			Expect(source.asked).To(Equal([]environment.Request{other}))
		})
	})

	it("decrypts the answers to each request with a decrypter of its own", func() {
		var made [][]string // by each decrypter, the values of a
		options := func() keep.Options {
			o := optionsOf(log, source)
			o.NewDecrypter = func() keep.Decrypter {
				made = append(made, nil)
				i := len(made) - 1
				return func(e environment.Environment) (environment.Environment, []string) {
					made[i] = append(made[i], e.PropertySources[0].Source["a"].(string))
					return e, nil
				}
			}
			return o
		}
		inBubble(t, options, func(k *keep.Keeper) {
			get(k, other)
			source.says(map[string]any{"a": "c"})
			pass(interval)
		})
		Expect(made).To(Equal([][]string{{"b", "c"}, {"b", "c"}}))
	})

	it("does not ask for the main request again", func() {
		run(func(k *keep.Keeper) {
			Expect(get(k, mainRequest)).To(BeIdenticalTo(k.Main()))
			Expect(source.fetches()).To(BeZero())
		})
	})

	it("keeps up to date what is in use, and fetches anew what was not", func() {
		run(func(k *keep.Keeper) {
			subject := get(k, other)
			pass(interval)
			source.says(map[string]any{"a": "c"})
			pass(interval)
			Expect(values(subject)).To(HaveKeyWithValue("a", "c"))

			pass(100 * interval)
			source.says(map[string]any{"a": "d"})
			pass(interval)
			Expect(values(subject)).To(HaveKeyWithValue("a", "c"))
			Expect(values(get(k, other))).To(HaveKeyWithValue("a", "d"))
		})
	})

	it("keeps an answer up to date while a client waits for a change, however long it does", func() {
		run(func(k *keep.Keeper) {
			subject := get(k, other)
			done := subject.Await()
			pass(100 * interval)
			changed := subject.Changed()
			source.says(map[string]any{"a": "c"})
			pass(interval)
			Expect(changed).To(BeClosed())
			Expect(values(subject)).To(HaveKeyWithValue("a", "c"))
			done()
			source.says(map[string]any{"a": "d"})
			pass(interval)
			Expect(values(subject)).To(HaveKeyWithValue("a", "c"), "no client asks")
		})
	})

	it("has the last good answer at once while the source is down", func() {
		run(func(k *keep.Keeper) {
			get(k, other)
			source.fails(errNoAccess)
			pass(10 * interval)
			source.fetches()
			Expect(values(get(k, other))).To(HaveKeyWithValue("a", "b"))
			Expect(source.fetches()).To(BeZero())
			Expect(get(k, other).Current().Outdated).To(BeFalse(), "it was not asked for since")
		})
	})

	it("is bounded by number and size, and forgets what was not used for longest", func() {
		run(func(k *keep.Keeper) {
			first := get(k, other)
			for i := range 100 {
				pass(time.Millisecond)
				get(k, environment.Request{Application: fmt.Sprint("app-", i)})
			}
			Expect(first.Gone()).To(BeClosed())
			source.fetches()
			get(k, environment.Request{Application: "app-99"})
			Expect(source.fetches()).To(BeZero())

			source.says(map[string]any{"a": strings.Repeat("x", 3<<18)})
			kept := get(k, environment.Request{Application: "large-0"})
			for i := range 3 {
				pass(time.Millisecond)
				get(k, environment.Request{Application: fmt.Sprint("large-", i)})
			}
			Expect(kept.Gone()).To(BeClosed())
		})
	})

	context("failure cases", func() {
		it("says that the source does not have it", func() {
			run(func(k *keep.Keeper) {
				source.fails(&environment.NotFoundError{Message: "no branch x/y"})
				_, err := k.Get(stdcontext.Background(), other)
				Expect(err).To(MatchError(&environment.NotFoundError{Message: "no branch x/y"}))
				source.says(map[string]any{"a": "b"})
				get(k, other)
			})
		})

		it("says which source could not be asked", func() {
			run(func(k *keep.Keeper) {
				source.fails(errNoAccess)
				_, err := k.Get(stdcontext.Background(), other)
				Expect(err).To(MatchError("git: 401: no access"))
				Expect(err).To(MatchError(errNoAccess))
			})
		})

		it("ends with the request, and fetches for the others", func() {
			run(func(k *keep.Keeper) {
				source.takes(10 * time.Second)
				ended := make(chan error, 1)
				go func() {
					ctx, cancel := contextWithTimeout(time.Second)
					defer cancel()
					_, err := k.Get(ctx, other)
					ended <- err
				}()
				synctest.Wait()
				get(k, other)
				Expect(<-ended).To(MatchError("context deadline exceeded"))
				Expect(source.fetches()).To(Equal(1))
			})
		})
	})
}
