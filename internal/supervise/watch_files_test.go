//go:build linux

package supervise

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testWatchFiles(t *testing.T, when spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		directory  string
		said       []string
	)

	it.Before(func() { directory = t.TempDir() })

	at := func(name string) string { return filepath.Join(directory, name) }
	write := func(name, content string) {
		t.Helper()
		Expect(os.MkdirAll(filepath.Dir(at(name)), 0o755)).To(Succeed())
		Expect(os.WriteFile(at(name), []byte(content), 0o644)).To(Succeed())
	}
	link := func(target, name string) {
		t.Helper()
		Expect(os.Symlink(target, at(name)+".new")).To(Succeed())
		Expect(os.Rename(at(name)+".new", at(name))).To(Succeed())
	}
	// watch watches names in the directory. The channel has what changes, each time.
	watch := func(environ environment, names ...string) (changes chan []string) {
		t.Helper()
		w := newFileWatch(names, func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) })
		w.aim(append(environ, "HOME="+directory), directory)
		Expect(w.look()).To(BeEmpty())
		Expect(w.notifier.blind).NotTo(HaveOccurred())
		w.sayEmpty()
		changes = make(chan []string, 100)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for {
				w.await()
				changed := w.look()
				if _, err := os.Stat(at("stop")); err == nil {
					return
				}
				if len(changed) > 0 {
					changes <- changed
				}
			}
		}()
		t.Cleanup(func() {
			_ = os.WriteFile(at("stop"), nil, 0o644)
			_ = w.notifier.file.Close() // which wakes it
			<-ended
		})
		return changes
	}

	for name, change := range testtable.Sorted(map[string]func(){
		"is written to": func() { write("a/file", "new") },
		"is replaced": func() {
			write("a/.tmp", "new")
			Expect(os.Rename(at("a/.tmp"), at("a/file"))).To(Succeed())
		},
		"is removed": func() { Expect(os.Remove(at("a/file"))).To(Succeed()) },
		"gets a link in its place": func() {
			write("other", "new")
			link("../other", "a/file")
		},
		"comes with another directory": func() {
			write("b/file", "new")
			Expect(os.Rename(at("a"), at("c"))).To(Succeed())
			Expect(os.Rename(at("b"), at("a"))).To(Succeed())
		},
	}) {
		it("tells of a file that "+name, func() {
			write("a/file", "old")
			changes := watch(nil, "a/file")
			change()
			Eventually(changes).Should(Receive(Equal([]string{"a/file"})))
			write("a/file", "newer") // and goes on to watch
			Eventually(changes).Should(Receive(Equal([]string{"a/file"})))
		})
	}

	it("tells of a file that appears, wherever it had to be looked for", func() {
		changes := watch(nil, "$HOME/x/y/file")
		write("x/y/file", "new")
		Eventually(changes).Should(Receive(Equal([]string{"$HOME/x/y/file"})))
		Expect(os.RemoveAll(at("x"))).To(Succeed())
		Eventually(changes).Should(Receive())
		write("x/y/file", "newer")
		Eventually(changes).Should(Receive())
	})

	it("tells once of certificate and key, which a cell replaces one after the other (CF-43)", func() {
		write("cred/instance.key", "key 1")
		write("cred/instance.crt", "certificate 1")
		changes := watch(environment{"CF_INSTANCE_CERT=" + at("cred/instance.crt"), "CF_INSTANCE_KEY=" + at("cred/instance.key")}, "$CF_INSTANCE_CERT", "$CF_INSTANCE_KEY")
		// replace does so, and is false where this process had to wait for longer than a cell would take.
		replace := func(i int) bool {
			began := time.Now()
			for _, name := range []string{"instance.key", "instance.crt"} {
				write("cred/"+name+".tmp", fmt.Sprint(name, i))
			}
			for _, name := range []string{"instance.key", "instance.crt"} {
				Expect(os.Rename(at("cred/"+name+".tmp"), at("cred/"+name))).To(Succeed())
			}
			return time.Since(began) < quiet
		}
		for i, times := 0, 0; times < 3; i++ {
			if replace(i) {
				Eventually(changes).Should(Receive(Equal([]string{"$CF_INSTANCE_CERT", "$CF_INSTANCE_KEY"})))
				Expect(changes).To(BeEmpty())
				times++
				continue
			}
			for told := map[string]bool{}; len(told) < 2; { // together, or one after the other
				var changed []string
				Eventually(changes).Should(Receive(&changed))
				for _, name := range changed {
					told[name] = true
				}
			}
		}
	})

	it("tells of a volume as Kubernetes replaces it, by one link on the way to all of its files", func() {
		write("volume/..1/tls.crt", "one")
		write("volume/..1/tls.key", "one")
		link("..1", "volume/..data")
		link("..data/tls.crt", "volume/tls.crt")
		link("..data/tls.key", "volume/tls.key")
		write("volume/..2/tls.crt", "two")
		write("volume/..2/tls.key", "two")
		write("volume/..3/tls.crt", "two")
		write("volume/..3/tls.key", "three")
		changes := watch(nil, "volume/tls.crt", "volume")
		link("..2", "volume/..data")
		Expect(os.RemoveAll(at("volume/..1"))).To(Succeed())
		Eventually(changes).Should(Receive(Equal([]string{"volume/tls.crt", "volume"})))
		link("..3", "volume/..data")
		Eventually(changes).Should(Receive(Equal([]string{"volume"})), "the certificate is the same as before")
		Expect(changes).To(BeEmpty())
	})

	it("tells of bindings, in both forms that have files (CF-41)", func() {
		write("vcap_services", "{}")
		write("bindings/db/password", "one")
		changes := watch(environment{"SERVICE_BINDING_ROOT=" + at("bindings"), "VCAP_SERVICES_FILE_PATH=" + at("vcap_services")}, "bindings")
		write("bindings/db/password", "two")
		Eventually(changes).Should(Receive(Equal([]string{"bindings"})))
		write("bindings/other/key", "one")
		Eventually(changes).Should(Receive(Equal([]string{"bindings"})))
		write("vcap_services", "{ }")
		Eventually(changes).Should(Receive(Equal([]string{"bindings"})))
		Expect(said).To(BeEmpty())
	})

	it("says once what there is nothing to watch of", func() {
		watch(nil, "$CF_INSTANCE_CERT", supervision.ReloadBindings)
		Expect(said).To(Equal([]string{"does not reload for $CF_INSTANCE_CERT: it is empty"}), "bindings are in VCAP_SERVICES, mostly")
	})

	it("tells of no directory without a file, whether it appears, is renamed or is removed", func() {
		write("conf/file", "old")
		w := newFileWatch([]string{"conf", "later"}, nil)
		defer w.notifier.file.Close() // nothing was written
		w.aim(nil, directory)
		Expect(w.look()).To(BeEmpty())
		for _, change := range []func() error{
			func() error { return os.Mkdir(at("conf/empty"), 0o755) },
			func() error { return os.MkdirAll(at("conf/deep/er"), 0o755) },
			func() error { return os.Rename(at("conf/empty"), at("conf/renamed")) },
			func() error { return os.Remove(at("conf/renamed")) },
			func() error { return os.Mkdir(at("later"), 0o755) },
		} {
			Expect(change()).To(Succeed())
			Expect(w.look()).To(BeEmpty())
		}
		write("conf/deep/er/file", "")
		Expect(w.look()).To(Equal([]string{"conf"}))
		write("later/file", "new")
		Expect(w.look()).To(Equal([]string{"later"}))
		Expect(os.Remove(at("conf/deep/er/file"))).To(Succeed())
		Expect(w.look()).To(Equal([]string{"conf"}))
	})

	it("takes what is the same as before for no change", func() {
		write("file", "same")
		write("other", "x")
		changes := watch(nil, "file")
		for range 20 {
			file, err := os.OpenFile(at("file"), os.O_WRONLY, 0) // and it is never empty
			Expect(err).NotTo(HaveOccurred())
			_, err = file.WriteString("same")
			Expect(errors.Join(err, file.Close())).To(Succeed())
			write("other", "y")
		}
		Expect(os.Chtimes(at("file"), time.Unix(0, 0), time.Unix(0, 0))).To(Succeed())
		write("new", "new")
		Expect(os.Rename(at("new"), at("file"))).To(Succeed())
		Eventually(changes).Should(Receive(Equal([]string{"file"})))
		Expect(changes).To(BeEmpty())
	})

	when("failure cases", func() {
		it("looks now and then where the kernel tells nothing, and says so once", func() {
			write("file", "old")
			w := newFileWatch([]string{"file"}, func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) })
			Expect(w.notifier.file.Close()).To(Succeed())
			w.notifier.file = nil
			w.aim(nil, directory)
			Expect(w.look()).To(BeEmpty())
			Expect(w.patience()).To(Equal(pollInterval))
			write("file", "new")
			Expect(w.look()).To(Equal([]string{"file"}))
			Expect(w.look()).To(BeEmpty())
			Expect(said).To(Equal([]string{"looks at its files every 10s, since the kernel does not tell of changes (there are too many inotify instances)"}))
		})

		it("ends with links that go round, files without number, and files that are none", func() {
			link("b", "a")
			link("a", "b")
			write("self/file", "x")
			link(".", "self/here")
			for i := range maxFiles + 10 {
				write(fmt.Sprintf("many/%d", i), "x")
			}
			w := newFileWatch([]string{"a", "self", "many", strings.Repeat("x/", 3000), "/proc/self/mem", "/dev/zero"}, func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) })
			w.aim(nil, directory)
			Expect(w.look()).To(BeEmpty())
			Expect(w.look()).To(BeEmpty())
			Expect(said).To(Equal([]string{"watches 1000 files, and no more"}))
			Expect(w.notifier.file.Close()).To(Succeed())
		})
	})
}
