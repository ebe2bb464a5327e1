package install_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

func testCache(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		s         *site
		cache     *install.Cache
		content   []byte
		sum       install.Checksum
		keptFile  string
		keptBytes []string // what the cache lists with that alone
	)

	it.Before(func() {
		s = newSite(t)
		cache = &install.Cache{Directory: filepath.Join(t.TempDir(), "a", "cache")}
		s.installer.Cache = cache
		content = gzipOf(tarOf(entry{name: "good", content: "good", mode: 0o755}, entry{name: "noise", content: string(noise(100_000)), mode: 0o644}))
		sum = sumOf(content)
		keptFile = strings.Replace(sum.String(), ":", "-", 1)
		keptBytes = []string{fmt.Sprintf("%s -rw------- %s", keptFile, sum)}
	})

	installed := func(s *site, server *server) {
		t.Helper()
		Expect(s.install(t.Context(), artifact.Artifact{URI: server.uri(), Checksum: sum.String()})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{`good -rwxr-xr-x "good"`, "noise -rw-r--r-- " + sumOf(noise(100_000)).String()}))
	}

	// another is a second site with the same cache.
	another := func() *site {
		other := newSite(t)
		other.installer.Cache = cache
		return other
	}

	it("keeps what was fetched, and fetches nothing the second time", func() {
		server := serve(t, whole(content))
		installed(s, server)
		Expect(list(t, cache.Directory)).To(Equal(keptBytes))
		Expect(s.said).To(Equal([]string{"Fetching " + server.URL + "/program"}))

		second := another()
		installed(second, server)
		Expect(second.said).To(Equal([]string{"Taking " + server.URL + "/program from the cache"}))
		Expect(server.count()).To(Equal(1))
	})

	it("keeps by checksum, wherever a file is from", func() {
		installed(s, serve(t, whole(content)))
		installed(another(), serve(t, answer(404)))
	})

	it("takes zip archives and bare executables from the cache", func() {
		for _, content := range [][]byte{zipOf(entry{name: "x", content: "#!x", mode: 0o755}), []byte("#!x")} {
			server := serve(t, whole(content))
			for range 2 {
				s := another()
				Expect(s.install(t.Context(), artifact.Artifact{URI: server.uri(), Checksum: sumOf(content).String(), Name: "x"})).To(Succeed())
				Expect(s.installed()).To(Equal([]string{`x -rwxr-xr-x "#!x"`}))
			}
			Expect(server.count()).To(Equal(1))
		}
	})

	it("keeps nothing that is refused for what it holds", func() {
		content = tarOf(entry{name: "../x"})
		Expect(s.install(t.Context(), artifact.Artifact{URI: serve(t, whole(content)).uri(), Checksum: sumOf(content).String()})).NotTo(Succeed())
		Expect(list(t, cache.Directory)).To(BeEmpty())
	})

	context("when an entry is damaged", func() {
		for _, damage := range []struct {
			name string
			do   func(path string) error
		}{
			{"by a byte", func(path string) error {
				damaged := bytes.Clone(content)
				damaged[len(damaged)/2] ^= 1
				return os.WriteFile(path, damaged, 0o600)
			}},
			{"by its end", func(path string) error { return os.Truncate(path, int64(len(content)/2)) }},
			{"by more at its end", func(path string) error { return os.WriteFile(path, append(bytes.Clone(content), 0), 0o600) }},
			{"by all", func(path string) error { return os.Truncate(path, 0) }},
			{"into another archive", func(path string) error { return os.WriteFile(path, tarOf(entry{name: "evil"}), 0o600) }},
		} {
			it("fetches it again, and says so: "+damage.name, func() {
				server := serve(t, whole(content))
				installed(s, server)
				Expect(damage.do(filepath.Join(cache.Directory, keptFile))).To(Succeed())

				second := another()
				installed(second, server)
				Expect(second.said).To(Equal([]string{
					"Taking " + server.URL + "/program from the cache",
					"What is in the cache is damaged; fetching it again",
					"Fetching " + server.URL + "/program",
				}))
				Expect(list(t, cache.Directory)).To(Equal(keptBytes))
			})
		}

		it("removes it also where it cannot be fetched again", func() {
			server := serve(t, whole(content), answer(404))
			installed(s, server)
			Expect(os.Truncate(filepath.Join(cache.Directory, keptFile), 10)).To(Succeed())
			Expect(another().install(t.Context(), artifact.Artifact{URI: server.uri(), Checksum: sum.String()})).To(MatchError(HaveSuffix("the server answers 404 Not Found")))
			Expect(list(t, cache.Directory)).To(BeEmpty())
		})

		for _, odd := range []struct {
			name string
			make func(path string) error
		}{
			{"a directory", func(path string) error { return os.MkdirAll(filepath.Join(path, "deep"), 0o755) }},
			{"a FIFO", func(path string) error { return syscall.Mkfifo(path, 0o600) }},
			{"a symbolic link", func(path string) error { return os.Symlink("/dev/zero", path) }},
			{"a symbolic link to nothing", func(path string) error { return os.Symlink("nothing", path) }},
		} {
			it("replaces "+odd.name, func() {
				Expect(os.MkdirAll(cache.Directory, 0o755)).To(Succeed())
				Expect(odd.make(filepath.Join(cache.Directory, keptFile))).To(Succeed())
				server := serve(t, whole(content))
				installed(s, server)
				Expect(list(t, cache.Directory)).To(Equal(keptBytes))
			})
		}

	})

	context("when there is no place to keep anything", func() {
		it("installs without a cache", func() {
			s.installer.Cache = nil
			installed(s, serve(t, whole(content)))
		})

		it("installs where the cache cannot be made", func() {
			Expect(os.WriteFile(filepath.Dir(cache.Directory), nil, 0o600)).To(Succeed())
			installed(s, serve(t, whole(content)))
		})

		it("installs a zip where the cache cannot be made", func() {
			Expect(os.WriteFile(filepath.Dir(cache.Directory), nil, 0o600)).To(Succeed())
			content := zipOf(entry{name: "x", content: "x", mode: 0o755})
			Expect(s.install(t.Context(), artifact.Artifact{URI: serve(t, whole(content)).uri(), Checksum: sumOf(content).String()})).To(Succeed())
			Expect(s.installed()).To(Equal([]string{`x -rwxr-xr-x "x"`}))
		})

		it("installs where the cache is removed meanwhile, and says that nothing is kept", func() {
			installed(s, serve(t, part(content, 1000, func(*net.TCPConn) {
				written(cache.Directory)
				must(os.RemoveAll(cache.Directory))
			}), whole(content)))
			Expect(s.said).To(ContainElement(And(HavePrefix("It is not kept for the next time: "), HaveSuffix("no such file or directory"))))
		})

		context("when a file in the cache may not grow", func() {
			// Files of an archive are shorter than the archive.
			parts := []entry{{name: "1"}, {name: "2"}, {name: "3"}}
			for i := range parts {
				parts[i].content = string(noise(300_000))
			}

			it("installs a tar all the same, and says that it is not kept", func() {
				archive := gzipOf(tarOf(parts...))
				server := serve(t, whole(archive))
				output, err := child(t, order{URI: server.uri(), Checksum: sumOf(archive).String(), Directory: s.directory, Cache: cache.Directory, FileSize: 400_000}).CombinedOutput()
				Expect(err).NotTo(HaveOccurred(), string(output))
				Expect(string(output)).To(MatchRegexp(`(?m)^It is not kept for the next time: write .*: file too large$`))
				Expect(s.installed()).To(HaveLen(3))
				Expect(list(t, cache.Directory)).To(BeEmpty())
			})

			it("says why a zip cannot be installed, which is read from its end", func() {
				archive := zipOf(parts...)
				server := serve(t, whole(archive))
				output, err := child(t, order{URI: server.uri(), Checksum: sumOf(archive).String(), Directory: s.directory, Cache: cache.Directory, FileSize: 400_000}).CombinedOutput()
				Expect(err).To(MatchError("exit status 1"), string(output))
				Expect(string(output)).To(HaveSuffix(": file too large\n"))
				Expect(list(t, s.base)).To(Equal(s.before))
				Expect(list(t, cache.Directory)).To(BeEmpty())
			})
		})
	})

	context("Prune", func() {
		it("removes all that is not to be kept", func() {
			installed(s, serve(t, whole(content)))
			Expect(os.WriteFile(filepath.Join(cache.Directory, "sha256-old"), nil, 0o600)).To(Succeed())
			Expect(os.MkdirAll(filepath.Join(cache.Directory, "directory", "deep"), 0o755)).To(Succeed())
			Expect(os.Symlink(s.base, filepath.Join(cache.Directory, "link"))).To(Succeed())
			Expect(cache.Prune([]install.Checksum{sumOf(nil), sum})).To(Succeed())
			Expect(list(t, cache.Directory)).To(Equal(keptBytes))
			s.installed()

			Expect(cache.Prune(nil)).To(Succeed())
			Expect(list(t, cache.Directory)).To(BeEmpty())
		})

		it("removes what was being written by a program that is gone, and leaves what is", func() {
			Expect(os.MkdirAll(cache.Directory, 0o755)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(cache.Directory, ".partial-gone"), []byte("x"), 0o600)).To(Succeed())
			Expect(syscall.Mkfifo(filepath.Join(cache.Directory, ".partial-fifo"), 0o600)).To(Succeed())
			Expect(os.Symlink(filepath.Join(s.base, "canary"), filepath.Join(cache.Directory, ".partial-link"))).To(Succeed())
			pruned := make(chan []string, 1)
			installed(s, serve(t, part(content, 1000, func(*net.TCPConn) {
				written(cache.Directory)
				must(cache.Prune(nil))
				pruned <- list(t, cache.Directory)
			}), whole(content)))
			Expect(<-pruned).To(ConsistOf(And(HavePrefix(".partial-"), HaveSuffix(sumOf(content[:1000]).String()))))
			Expect(list(t, cache.Directory)).To(Equal(keptBytes))
			s.installed()
		})

		it("does nothing where there is no cache yet", func() {
			Expect(cache.Prune(nil)).To(Succeed())
			Expect(cache.Directory).NotTo(BeADirectory())
		})

		it("says that it cannot look", func() {
			Expect(os.WriteFile(filepath.Dir(cache.Directory), nil, 0o600)).To(Succeed())
			Expect(cache.Prune(nil)).To(MatchError("failed to open the cache: " + filepath.Dir(cache.Directory) + ": found a regular file; expected a directory, and no link to one"))
		})
	})

	context("when others have put something into its place", func() {
		var outside string

		it.Before(func() {
			outside = t.TempDir()
			Expect(os.WriteFile(filepath.Join(outside, "id"), []byte("the user's"), 0o600)).To(Succeed())
			Expect(os.Mkdir(filepath.Dir(cache.Directory), 0o755)).To(Succeed())
		})

		unharmed := func() { Expect(list(t, outside)).To(Equal([]string{`id -rw------- "the user's"`})) }

		for _, planted := range []struct {
			name string
			at   func(path string) error
		}{
			{"a link to a directory", func(path string) error { return os.Symlink(outside, path) }},
			{"a link to a file", func(path string) error { return os.Symlink(filepath.Join(outside, "id"), path) }},
			{"a link that leads nowhere", func(path string) error { return os.Symlink(filepath.Join(outside, "none"), path) }},
			{"a named pipe", func(path string) error { return syscall.Mkfifo(path, 0o600) }},
			{"a file", func(path string) error { return os.WriteFile(path, nil, 0o600) }},
		} {
			it("prunes nothing else, and takes the place: "+planted.name, func() {
				Expect(planted.at(cache.Directory)).To(Succeed())
				Expect(cache.Prune(nil)).To(Succeed())
				unharmed()
				installed(s, serve(t, whole(content)))
				Expect(list(t, cache.Directory)).To(Equal(keptBytes))
				unharmed()
			})

			it("keeps what is fetched in a directory of its own: "+planted.name, func() {
				Expect(planted.at(cache.Directory)).To(Succeed())
				installed(s, serve(t, whole(content)))
				Expect(list(t, cache.Directory)).To(Equal(keptBytes))
				unharmed()
			})
		}

		it("follows no link to the directory that it is in, and installs without", func() {
			Expect(os.Mkdir(filepath.Join(outside, "cache"), 0o755)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(outside, "cache", "id"), nil, 0o600)).To(Succeed())
			before := list(t, outside)
			parent := filepath.Dir(cache.Directory)
			Expect(os.Remove(parent)).To(Succeed())
			Expect(os.Symlink(outside, parent)).To(Succeed())
			Expect(cache.Prune(nil)).To(MatchError("failed to open the cache: " + parent + ": found a symbolic link; expected a directory, and no link to one"))
			installed(s, serve(t, whole(content)))
			Expect(list(t, outside)).To(Equal(before))
		})
	})

	it("is not disturbed by many that install and prune at once", func() {
		server := serve(t, whole(content))
		var all sync.WaitGroup
		errs := make(chan error, 200)
		for range 8 {
			all.Go(func() {
				for range 5 {
					directory, err := os.MkdirTemp(s.base, "at-once-*")
					installer := s.installer
					err = errors.Join(err,
						installer.Install(t.Context(), artifact.Artifact{URI: server.uri(), Checksum: sum.String()}, filepath.Join(directory, "installed")),
						os.RemoveAll(directory))
					errs <- errors.Join(err, cache.Prune([]install.Checksum{sum}))
				}
			})
		}
		all.Wait()
		close(errs)
		for err := range errs {
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(list(t, s.base)).To(Equal(s.before))
		installed(s, server)
	})

	it("survives being killed at any moment", func() {
		content = gzipOf(tarOf(entry{name: "good", content: "good", mode: 0o755}, entry{name: "noise", content: string(noise(2 << 20)), mode: 0o644}))
		sum = sumOf(content)
		server := serve(t, whole(content))
		start := func() *exec.Cmd {
			command := child(t, order{URI: server.uri(), Checksum: sum.String(), Directory: filepath.Join(t.TempDir(), "installed"), Cache: cache.Directory})
			Expect(command.Start()).To(Succeed())
			return command
		}

		began := time.Now()
		Expect(start().Wait()).To(Succeed())
		usual := time.Since(began)
		const times = 75
		for killed := 0; killed < times; { // at work
			if killed%2 == 0 {
				Expect(cache.Prune(nil)).To(Succeed()) // so that half of them fetch
			}
			command := start()
			moment := time.Duration(rand.Float64() * float64(usual))
			time.Sleep(moment) // what is tested
			Expect(command.Process.Kill()).To(Or(Succeed(), MatchError(os.ErrProcessDone)))
			if command.Wait() != nil {
				killed++
			} else {
				usual = max(moment, time.Millisecond) // it was slower before
			}
			for _, line := range list(t, cache.Directory) {
				Expect(line).To(Or(HavePrefix(".partial-"), HaveSuffix(" "+sum.String())), "a name is that of a whole file")
			}
		}
		Expect(s.install(t.Context(), artifact.Artifact{URI: server.uri(), Checksum: sum.String()})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{`good -rwxr-xr-x "good"`, "noise -rw-r--r-- " + sumOf(noise(2<<20)).String()}))
		Expect(strings.Join(s.said, "\n")).NotTo(ContainSubstring("damaged"))
		Expect(cache.Prune([]install.Checksum{sum})).To(Succeed())
		Expect(list(t, cache.Directory)).To(ConsistOf(HaveSuffix(" " + sum.String())))
	})
}

// written waits until the beginning of a file, of 1000 bytes, is in the cache.
func written(directory string) {
	for { // there is no event for it
		files, err := filepath.Glob(filepath.Join(directory, ".partial-*"))
		must(err)
		for _, file := range files {
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Size() == 1000 {
				return
			}
		}
		time.Sleep(time.Millisecond)
	}
}
