package keep_test

import (
	stdcontext "context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

func contextWithTimeout(timeout time.Duration) (stdcontext.Context, stdcontext.CancelFunc) {
	return stdcontext.WithTimeout(stdcontext.Background(), timeout)
}

func testStore(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		log       *lines
		source    *scripted
		directory string
	)

	it.Before(func() {
		log = &lines{}
		source = &scripted{name: "git"}
		source.says(map[string]any{"a": "{cipher}abc"})
		directory = filepath.Join(t.TempDir(), "a b ü", "kept")
		Expect(os.Mkdir(filepath.Dir(directory), 0o755)).To(Succeed())
	})

	options := func() keep.Options {
		o := optionsOf(log, source)
		var err error
		o.Store, err = keep.OpenStore(directory)
		Expect(err).NotTo(HaveOccurred())
		o.NewDecrypter = func() keep.Decrypter {
			return func(e environment.Environment) (environment.Environment, []string) {
				e.PropertySources = []environment.PropertySource{{Name: "git", Source: map[string]any{"a": "decrypted"}}}
				return e, nil
			}
		}
		return o
	}
	start := func(then func(k *keep.Keeper)) {
		t.Helper()
		inBubble(t, options, then)
	}
	files := func() []string {
		paths, err := filepath.Glob(filepath.Join(directory, "*"))
		Expect(err).NotTo(HaveOccurred())
		return paths
	}

	it("has the last good answer after a restart, and the source told which version that is", func() {
		start(func(*keep.Keeper) {})
		source.fails(errNoAccess)
		start(func(k *keep.Keeper) {
			Expect(values(k.Main())).To(HaveKeyWithValue("a", "decrypted"))
			Expect(k.Main().Current().Outdated).To(BeTrue())
			Expect(k.Status().Sources).To(HaveExactElements(And(HaveField("State", "kept"), HaveField("Error", "401: no access"))))
			Expect(k.Status().Ready).To(BeFalse())

			source.fails(nil)
			source.fetches()
			pass(interval)
			Expect(source.previous[0]).To(Equal("1"))
			Expect(k.Status().Sources).To(HaveExactElements(HaveField("State", "current")))
			Expect(k.Status().Ready).To(BeTrue())
			Expect(k.Main().Current().Outdated).To(BeFalse())
		})
	})

	it("has other requests' answers after a restart, too", func() {
		other := environment.Request{Application: "other", Profiles: []string{"default"}}
		start(func(k *keep.Keeper) {
			_, err := k.Get(stdcontext.Background(), other)
			Expect(err).NotTo(HaveOccurred())
		})
		source.fails(errNoAccess)
		start(func(k *keep.Keeper) {
			subject, err := k.Get(stdcontext.Background(), other)
			Expect(err).NotTo(HaveOccurred())
			Expect(values(subject)).To(HaveKeyWithValue("a", "decrypted"))
		})
	})

	it("is ready with a kept answer where that is allowed, and stays ready", func() {
		start(func(*keep.Keeper) {})
		source.fails(errNoAccess)
		inBubble(t, func() keep.Options {
			o := options()
			o.ReadyFromKept = true
			return o
		}, func(k *keep.Keeper) { Expect(k.Status().Ready).To(BeTrue()) })
	})

	it("keeps what is encrypted as it is, in a file for this user alone", func() {
		start(func(*keep.Keeper) {})
		info, err := os.Stat(directory)
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Mode()).To(Equal(fs.ModeDir | 0o700))
		Expect(files()).To(HaveLen(1))
		info, err = os.Stat(files()[0])
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Mode()).To(Equal(fs.FileMode(0o600)))
		content, err := os.ReadFile(files()[0])
		Expect(err).NotTo(HaveOccurred())
		Expect(string(content)).To(ContainSubstring("{cipher}abc"))
		Expect(string(content)).NotTo(ContainSubstring("decrypted"))
	})

	it("does not take an answer of another source or another request for its own", func() {
		start(func(*keep.Keeper) {})
		Expect(os.Rename(files()[0], files()[0]+".was")).To(Succeed())
		store, err := keep.OpenStore(directory)
		Expect(err).NotTo(HaveOccurred())
		Expect(store.Load("git", environment.Request{Application: "other"})).To(BeNil())
		Expect(store.Load("git elsewhere", mainRequest)).To(BeNil())
	})

	it("says how old a kept answer is: since the source confirmed it last, and never less than nothing", func() {
		start(func(*keep.Keeper) {})
		source.fails(errNoAccess)
		for _, age := range []time.Duration{time.Hour, -time.Hour} {
			start(func(k *keep.Keeper) {
				modified := time.Now().Add(-age)
				Expect(os.Chtimes(files()[0], modified, modified)).To(Succeed())
				restarted := keep.New(stdcontext.Background(), options())
				Expect(restarted.Main().Current().Age(time.Now())).To(Equal(max(0, age)))
			})
		}
	})

	it("is bounded in number", func() {
		store, err := keep.OpenStore(directory)
		Expect(err).NotTo(HaveOccurred())
		for i := range 200 {
			Expect(store.Save(keep.Kept{Request: environment.Request{Application: fmt.Sprint(i)}})).To(Succeed())
		}
		Expect(len(files())).To(BeNumerically("<=", 64))
		Expect(store.Load("", environment.Request{Application: "199"})).NotTo(BeNil())
	})

	context("failure cases", func() {
		spoiled := []struct {
			name  string
			spoil func(path string)
		}{
			{"that others may read", func(path string) { Expect(os.Chmod(path, 0o640)).To(Succeed()) }},
			{"with another name", func(path string) { Expect(os.Link(path, path+".link")).To(Succeed()) }},
			{"that is a symbolic link", func(path string) {
				Expect(os.Rename(path, path+".was")).To(Succeed())
				Expect(os.Symlink(path+".was", path)).To(Succeed())
			}},
			{"that is a named pipe", func(path string) {
				Expect(os.Remove(path)).To(Succeed())
				Expect(syscall.Mkfifo(path, 0o600)).To(Succeed())
			}},
			{"that is cut off", func(path string) { Expect(os.Truncate(path, 20)).To(Succeed()) }},
			{"with more behind the answer", func(path string) {
				content, err := os.ReadFile(path)
				Expect(err).NotTo(HaveOccurred())
				Expect(os.WriteFile(path, append(content, "cipher"...), 0o600)).To(Succeed())
			}},
			{"that is empty", func(path string) { Expect(os.Truncate(path, 0)).To(Succeed()) }},
			{"with something else in it", func(path string) { Expect(os.WriteFile(path, []byte(`{"Version":2}`), 0o600)).To(Succeed()) }},
		}
		for _, one := range spoiled {
			it("does not use a file "+one.name+", says so, and asks the source", func() {
				start(func(*keep.Keeper) {})
				one.spoil(files()[0])
				source.fails(errNoAccess)
				start(func(k *keep.Keeper) {
					Expect(k.Main().Current()).To(BeNil())
					source.fails(nil)
					pass(interval)
					Expect(values(k.Main())).To(HaveKeyWithValue("a", "decrypted"))
				})
				Expect(log.said()[0]).To(HavePrefix(`The kept answer of the source "git" is not used: `))
				for _, line := range log.said() {
					Expect(line).NotTo(ContainSubstring("cipher"))
				}
			})
		}

		it("refuses a directory that others may enter, and what is none", func() {
			Expect(os.Mkdir(directory, 0o700)).To(Succeed())
			Expect(os.Chmod(directory, 0o755)).To(Succeed()) // whatever the umask is
			_, err := keep.OpenStore(directory)
			Expect(err).To(MatchError(directory + ": found the mode 0755; expected one that lets no others in, such as 0700"))

			Expect(os.Remove(directory)).To(Succeed())
			Expect(os.Symlink(t.TempDir(), directory)).To(Succeed())
			for _, path := range []string{directory, directory + "/"} {
				_, err = keep.OpenStore(path)
				Expect(err).To(MatchError(directory + ": found something other than a directory; expected one that this user owns"))
			}
		})

		it("makes no directory but its own", func() {
			_, err := keep.OpenStore(filepath.Join(directory, "below"))
			Expect(err).To(MatchError(fs.ErrNotExist))
			Expect(directory).NotTo(BeADirectory())
		})

		it("refuses a directory of another user", func() {
			if os.Geteuid() != 0 {
				directory = "/etc" // root's
			} else {
				Expect(os.MkdirAll(directory, 0o700)).To(Succeed())
				Expect(os.Chown(directory, 65534, 65534)).To(Succeed())
			}
			_, err := keep.OpenStore(directory)
			Expect(err).To(MatchError(MatchRegexp(`: found the user \d+ as its owner; expected \d+$`)))
		})
	})
}
