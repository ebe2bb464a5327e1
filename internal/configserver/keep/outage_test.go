package keep_test

import (
	stdcontext "context"
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

var errNoAccess = errors.New("401: no access")

func testOutage(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		log    *lines
		source *scripted
		store  *keep.Store
	)

	it.Before(func() {
		log = &lines{}
		source = &scripted{name: "git"}
		source.says(map[string]any{"a": "s3cret"})
	})

	run := func(then func(k *keep.Keeper)) {
		t.Helper()
		inBubble(t, func() keep.Options { return optionsOf(log, source) }, then)
	}

	for _, one := range []struct {
		name    string
		failure error
	}{
		{"cannot be reached", errors.New("connection refused")},
		{"refuses the credentials", errNoAccess},
		{"no longer has what it had before", &environment.NotFoundError{Message: "no branch main"}},
	} {
		it("has the last good answer, says how old it is, and recovers by itself, when the source "+one.name, func() {
			run(func(k *keep.Keeper) {
				source.fails(one.failure)
				pass(10 * interval)
				current := k.Main().Current()
				Expect(values(k.Main())).To(HaveKeyWithValue("a", "s3cret"))
				Expect(current.Outdated).To(BeTrue())
				Expect(current.Age(time.Now())).To(Equal(10 * interval))
				status := k.Status()
				Expect(status.Ready).To(BeTrue())
				Expect(status.Sources).To(HaveExactElements(And(HaveField("State", "outdated"), HaveField("Age", 10*interval), HaveField("Error", Not(BeEmpty())))))

				source.says(map[string]any{"a": "new"})
				pass(interval)
				Expect(values(k.Main())).To(HaveKeyWithValue("a", "new"))
				Expect(k.Main().Current().Outdated).To(BeFalse())
				Expect(k.Status().Sources).To(HaveExactElements(And(HaveField("State", "current"), HaveField("Error", ""))))
			})
			Expect(log.said()).To(HaveExactElements(
				MatchRegexp(`^The source "git" cannot be read: .*[^.]\. Its answer of \S+ ago stays\.$`),
				`The source "git" answers again.`))
		})
	}

	it("asks a source that is down more and more seldom, at last once in an interval", func() {
		run(func(*keep.Keeper) {
			source.fetches()
			source.fails(errNoAccess)
			pass(2 * interval)
			Expect(source.fetches()).To(And(BeNumerically(">=", 6), BeNumerically("<=", 12)))
			pass(20 * interval)
			Expect(source.fetches()).To(And(BeNumerically(">=", 19), BeNumerically("<=", 42)))
		})
	})

	it("has the first answer soon after the source is up", func() {
		source.fails(errNoAccess)
		run(func(k *keep.Keeper) {
			Expect(k.Main().Current()).To(BeNil())
			Expect(k.Status()).To(Equal(keep.Status{Sources: []keep.SourceStatus{{Name: "git", State: "waiting", Error: "401: no access"}}}))
			pass(time.Second)
			source.says(map[string]any{"a": "b"})
			pass(3 * time.Second)
			Expect(k.Main().Current()).NotTo(BeNil())
			Expect(k.Status().Ready).To(BeTrue())
		})
	})

	it("has no answer of some of the sources: it would be one that no source ever gave", func() {
		down := &scripted{name: "down", err: errNoAccess}
		inBubble(t, func() keep.Options { return optionsOf(log, down, source) }, func(k *keep.Keeper) {
			pass(10 * interval)
			Expect(k.Main().Current()).To(BeNil())
			_, err := k.Get(stdcontext.Background(), mainRequest)
			Expect(err).To(MatchError("down: 401: no access"))
		})
	})

	it("takes no source's word for it that an answer has not changed which it never gave", func() {
		source.fails(environment.ErrUnchanged)
		run(func(k *keep.Keeper) {
			Expect(k.Main().Current()).To(BeNil())
			Expect(k.Status().Ready).To(BeFalse())
		})
	})

	it("gives a source that hangs up after a time", func() {
		source.takes(time.Hour)
		run(func(k *keep.Keeper) {
			pass(31 * time.Second)
			Expect(k.Status().Sources[0].Error).To(Equal("context deadline exceeded"))
		})
	})

	it("survives a library that panics over what it reads, and does not repeat that", func() {
		run(func(k *keep.Keeper) {
			source.breaks()
			pass(2 * interval)
			Expect(values(k.Main())).To(HaveKeyWithValue("a", "s3cret"))
			Expect(k.Status().Sources[0].Error).To(Equal("cannot be read: its data is damaged"))
		})
		for _, line := range log.said() {
			Expect(line).NotTo(ContainSubstring("s3cret"))
		}
	})

	it("refuses an answer that is too large, and has the last one", func() {
		run(func(k *keep.Keeper) {
			source.says(map[string]any{"a": string(make([]byte, environment.MaxBytes))})
			pass(2 * interval)
			Expect(values(k.Main())).To(HaveKeyWithValue("a", "s3cret"))
			Expect(k.Status().Sources[0].Error).To(Equal("the answer is larger than 2 MB"))
		})
	})

	// served is optionsOf with a form that the value "wrong" makes impossible, and that leaves out the key "b".
	served := func() keep.Options {
		o := optionsOf(log, source)
		o.Form = func(e environment.Environment) ([]byte, []environment.Omission, error) {
			var omitted []environment.Omission
			for _, from := range e.PropertySources {
				if from.Source["a"] == "wrong" {
					return nil, nil, errors.New("a: larger than allowed")
				}
				if _, has := from.Source["b"]; has {
					omitted = append(omitted, environment.Omission{Key: "b", Reason: "it refers to itself"})
				}
			}
			return []byte("form"), omitted, nil
		}
		return o
	}

	it("has the last good answer, and keeps it, when there is one that cannot be served", func() {
		inBubble(t, func() keep.Options {
			o := served()
			var err error
			o.Store, err = keep.OpenStore(t.TempDir() + "/kept")
			Expect(err).NotTo(HaveOccurred())
			store = o.Store
			return o
		}, func(k *keep.Keeper) {
			changed := k.Main().Changed()
			source.says(map[string]any{"a": "wrong"})
			pass(10 * interval)
			Expect(values(k.Main())).To(HaveKeyWithValue("a", "s3cret"))
			Expect(k.Main().Current().Form).To(BeEquivalentTo("form"))
			Expect(k.Main().Current().Outdated).To(BeTrue())
			Expect(changed).NotTo(BeClosed())
			Expect(k.Status().Sources).To(HaveExactElements(And(HaveField("State", "outdated"), HaveField("Error", "its answer cannot be served: a: larger than allowed"))))
			kept, err := store.Load("git", mainRequest)
			Expect(err).NotTo(HaveOccurred())
			Expect(kept.Environment.PropertySources).To(HaveExactElements(HaveField("Source", HaveKeyWithValue("a", "s3cret"))))

			source.says(map[string]any{"a": "new"})
			pass(interval)
			Expect(values(k.Main())).To(HaveKeyWithValue("a", "new"))
		})
		Expect(log.said()).To(HaveExactElements(
			MatchRegexp(`^The source "git" cannot be read: its answer cannot be served: a: larger than allowed\. Its answer of \S+ ago stays\.$`),
			`The source "git" answers again.`))
	})

	it("is not ready with a first answer that cannot be served", func() {
		source.says(map[string]any{"a": "wrong"})
		inBubble(t, served, func(k *keep.Keeper) {
			Expect(k.Main().Current()).To(BeNil())
			Expect(k.Status()).To(Equal(keep.Status{Sources: []keep.SourceStatus{{Name: "git", State: "waiting", Error: "its answer cannot be served: a: larger than allowed"}}}))
			source.says(map[string]any{"a": "right"})
			pass(interval)
			Expect(k.Status().Ready).To(BeTrue())
		})
	})

	it("says which keys are left out, and why, in the log and in the status", func() {
		source.says(map[string]any{"b": "s3cret"})
		inBubble(t, served, func(k *keep.Keeper) {
			Expect(k.Status().Omitted).To(Equal([]environment.Omission{{Key: "b", Reason: "it refers to itself"}}))
		})
		Expect(log.said()).To(ConsistOf("1 key cannot be served by /config, and is left out: b (it refers to itself)."))
	})

	it("says that values are left out that cannot be decrypted, by their keys", func() {
		options := func() keep.Options {
			o := optionsOf(log, source)
			o.NewDecrypter = func() keep.Decrypter {
				return func(e environment.Environment) (environment.Environment, []string) { return e, []string{"a", "b.c"} }
			}
			return o
		}
		inBubble(t, options, func(k *keep.Keeper) { Expect(k.Status().Undecrypted).To(Equal(2)) })
		Expect(log.said()).To(ConsistOf("2 values cannot be decrypted, and are left out: a, b.c."))
	})
}
