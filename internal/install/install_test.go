package install_test

import (
	"archive/tar"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

func testInstall(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		s      *site

		release = []entry{
			{name: "release-1.0/", mode: 0o755},
			{name: "release-1.0/bin/tool", content: "#!/bin/sh\n", mode: 0o755},
			{name: "release-1.0/README", content: "Read me.\n", mode: 0o644},
			{name: "release-1.0/bin/link", link: "tool", kind: tar.TypeSymlink, mode: 0o777},
		}
		stripped = []string{
			`README -rw-r--r-- "Read me.\n"`,
			`bin drwxr-xr-x`,
			`bin/link -> tool`,
			`bin/tool -rwxr-xr-x "#!/bin/sh\n"`,
		}
	)

	it.Before(func() {
		s = newSite(t)
	})

	for _, format := range []struct {
		name string
		pack func() []byte
	}{
		{"tar", func() []byte { return tarOf(release...) }},
		{"tar.gz", func() []byte { return gzipOf(tarOf(release...)) }},
		{"tar.xz", func() []byte { return pipe(t, tarOf(release...), "xz", "-9") }},
		{"tar.bz2", func() []byte { return pipe(t, tarOf(release...), "bzip2") }},
		{"tar.zst", func() []byte { return pipe(t, tarOf(release...), "zstd", "-19") }},
		{"zip", func() []byte { return zipOf(release...) }},
	} {
		context("with a "+format.name, func() {
			it("installs it from a file, without copying it into the cache", func() {
				s.installer.Cache = &install.Cache{Directory: filepath.Join(t.TempDir(), "cache")}
				Expect(s.installFile(format.pack(), artifact.Artifact{Strip: 1})).To(Succeed())
				Expect(s.installed()).To(Equal(stripped))
				Expect(s.said).To(ConsistOf(MatchRegexp(`^Copying file:///.*/artifact$`)))
				Expect(s.installer.Cache.Directory).NotTo(BeADirectory())
			})

			it("installs it from a server", func() {
				content := format.pack()
				server := serve(t, whole(content))
				Expect(s.install(t.Context(), artifact.Artifact{URI: server.uri(), Checksum: sumOf(content).String(), Strip: 1})).To(Succeed())
				Expect(s.installed()).To(Equal(stripped))
				Expect(s.said).To(Equal([]string{"Fetching " + server.URL + "/program"}))
			})
		})
	}

	for _, format := range []string{"v7", "oldgnu", "gnu", "ustar", "posix"} {
		it("knows a tar archive by its headers: "+format, func() {
			directory := t.TempDir()
			Expect(os.WriteFile(filepath.Join(directory, "tool"), []byte("#!/bin/sh\n"), 0o755)).To(Succeed())
			archive, err := exec.Command("tar", "-C", directory, "--format="+format, "-cf", "-", "tool").Output()
			Expect(err).NotTo(HaveOccurred())
			Expect(s.installFile(archive, artifact.Artifact{Name: "other"})).To(Succeed())
			Expect(s.installed()).To(Equal([]string{`tool -rwxr-xr-x "#!/bin/sh\n"`}))
		})
	}

	it("installs a bare executable under its name", func() {
		Expect(s.installFile([]byte("#!/bin/sh\nexit\n"), artifact.Artifact{Name: "tool"})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{`tool -rwxr-xr-x "#!/bin/sh\nexit\n"`}))
	})

	it("installs a bare executable that is compressed", func() {
		program := noise(1 << 20)
		for _, packed := range [][]byte{gzipOf(program), pipe(t, program, "xz"), pipe(t, program, "bzip2"), pipe(t, program, "zstd")} {
			s = newSite(t)
			Expect(s.installFile(packed, artifact.Artifact{Name: "bin/tool"})).To(Succeed())
			Expect(s.installed()).To(Equal([]string{"bin drwxr-xr-x", "bin/tool -rwxr-xr-x " + sumOf(program).String()}))
		}
	})

	it("drops no part of the name of a bare executable", func() {
		Expect(s.installFile([]byte("#!/bin/sh\n"), artifact.Artifact{Name: "tool", Strip: 1})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{`tool -rwxr-xr-x "#!/bin/sh\n"`}))
	})

	it("keeps a Java archive as the file that Java loads, and unpacks what only has its name", func() {
		archive := zipOf(entry{name: "META-INF/MANIFEST.MF", content: "Premain-Class: Agent\n", mode: 0o644})
		for _, name := range []string{"agent-1.2.3.jar", "AGENT.JAR", "app.war"} {
			s = newSite(t)
			path := filepath.Join(t.TempDir(), name)
			Expect(os.WriteFile(path, archive, 0o600)).To(Succeed())
			Expect(s.install(t.Context(), artifact.Artifact{URI: "file://" + path, Checksum: sumOf(archive).String(), Name: "agent.jar", Strip: 1})).To(Succeed())
			Expect(s.installed()).To(HaveExactElements(HavePrefix("agent.jar -rw-r--r-- ")))
			Expect(os.ReadFile(filepath.Join(s.directory, "agent.jar"))).To(Equal(archive))
		}
		s = newSite(t)
		packed := gzipOf(tarOf(entry{name: "tool", content: "#!x", mode: 0o755}))
		path := filepath.Join(t.TempDir(), "agent.jar")
		Expect(os.WriteFile(path, packed, 0o600)).To(Succeed())
		Expect(s.install(t.Context(), artifact.Artifact{URI: "file://" + path, Checksum: sumOf(packed).String(), Name: "agent.jar"})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{`tool -rwxr-xr-x "#!x"`}))
	})

	it("makes the directories that lead to it", func() {
		s.directory = filepath.Join(s.base, "parent", "installed", "of", "many")
		Expect(s.installFile(tarOf(release...), artifact.Artifact{Strip: 1})).To(Succeed())
		Expect(s.installed()).To(Equal(stripped))
	})

	it("keeps all paths where none are to be stripped", func() {
		Expect(s.installFile(tarOf(release...), artifact.Artifact{})).To(Succeed())
		Expect(s.installed()).To(ContainElements("release-1.0 drwxr-xr-x", "release-1.0/bin/link -> tool"))
	})

	it("leaves out what has nothing but stripped parts", func() {
		Expect(s.installFile(tarOf(append(release, entry{name: "release-1.0", content: "x"})...), artifact.Artifact{Strip: 2})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{`link -> tool`, `tool -rwxr-xr-x "#!/bin/sh\n"`}))
	})

	it("takes ./ and // in names for nothing", func() {
		Expect(s.installFile(tarOf(
			entry{name: "./"}, entry{name: "./release//bin/./tool", content: "x", mode: 0o755}, entry{name: "release/hard", link: "./release/bin/tool", kind: tar.TypeLink},
		), artifact.Artifact{Strip: 1})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{"bin drwxr-xr-x", `bin/tool -rwxr-xr-x "x"`, `hard -rwxr-xr-x "x"`}))
	})

	it("lets others than the owner write nothing, and the owner read everything", func() {
		modes := []entry{
			{name: "0777", mode: 0o777}, {name: "0755", mode: 0o755}, {name: "0700", mode: 0o700}, {name: "0666", mode: 0o666},
			{name: "0644", mode: 0o644}, {name: "0111", mode: 0o111}, {name: "0000", mode: 0o000}, {name: "1755", mode: 0o1755},
		}
		for _, archive := range [][]byte{tarOf(modes...), zipOf(modes...)} {
			s = newSite(t)
			Expect(s.installFile(archive, artifact.Artifact{})).To(Succeed())
			Expect(s.installed()).To(Equal([]string{
				`0000 -r-------- ""`, `0111 -r-x--x--x ""`, `0644 -rw-r--r-- ""`, `0666 -rw-r--r-- ""`,
				`0700 -rwx------ ""`, `0755 -rwxr-xr-x ""`, `0777 -rwxr-xr-x ""`, `1755 -rwxr-xr-x ""`,
			}))
		}
	})

	it("makes directories that it can write into, whatever their mode", func() {
		Expect(s.installFile(tarOf(entry{name: "d/", mode: 0o000}, entry{name: "d/e/", mode: 0o2777}, entry{name: "d/e/f", content: "x", mode: 0o600}), artifact.Artifact{})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{"d drwxr-xr-x", "d/e drwxr-xr-x", `d/e/f -rw------- "x"`}))
	})

	it("makes symbolic links that stay inside, in any order", func() {
		Expect(s.installFile(tarOf(
			entry{name: "a/b/up", link: "../../c/file", kind: tar.TypeSymlink},
			entry{name: "a/b/here", link: ".", kind: tar.TypeSymlink},
			entry{name: "a/b/root", link: "../..", kind: tar.TypeSymlink},
			entry{name: "dangling", link: "nowhere/at/all", kind: tar.TypeSymlink},
			entry{name: "c/file", content: "x", mode: 0o644},
		), artifact.Artifact{})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{
			"a drwxr-xr-x", "a/b drwxr-xr-x", "a/b/here -> .", "a/b/root -> ../..", "a/b/up -> ../../c/file",
			"c drwxr-xr-x", `c/file -rw-r--r-- "x"`, "dangling -> nowhere/at/all",
		}))
		Expect(os.ReadFile(filepath.Join(s.directory, "a", "b", "up"))).To(Equal([]byte("x")))
	})

	it("makes hard links to what came before, stripped like it", func() {
		Expect(s.installFile(tarOf(
			entry{name: "r/bin/tool", content: "x", mode: 0o755}, entry{name: "r/other/name", link: "r/bin/tool", kind: tar.TypeLink},
		), artifact.Artifact{Strip: 1})).To(Succeed())
		first, err := os.Stat(filepath.Join(s.directory, "bin", "tool"))
		Expect(err).NotTo(HaveOccurred())
		second, err := os.Stat(filepath.Join(s.directory, "other", "name"))
		Expect(err).NotTo(HaveOccurred())
		Expect(os.SameFile(first, second)).To(BeTrue())
	})

	it("takes the last of two files of one name, without changing a hard link to the first", func() {
		Expect(s.installFile(tarOf(
			entry{name: "f", content: "first", mode: 0o444}, entry{name: "link", link: "f", kind: tar.TypeLink}, entry{name: "f", content: "last", mode: 0o755},
		), artifact.Artifact{})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{`f -rwxr-xr-x "last"`, `link -r--r--r-- "first"`}))
	})

	it("keeps empty directories", func() {
		for _, archive := range [][]byte{tarOf(entry{name: "a/b/"}), zipOf(entry{name: "a/b/"})} {
			s = newSite(t)
			Expect(s.installFile(archive, artifact.Artifact{})).To(Succeed())
			Expect(s.installed()).To(Equal([]string{"a drwxr-xr-x", "a/b drwxr-xr-x"}))
		}
	})

	it("installs archives without an entry", func() {
		for _, archive := range [][]byte{tarOf(), gzipOf(tarOf()), zipOf()} {
			s = newSite(t)
			Expect(s.installFile(archive, artifact.Artifact{})).To(Succeed())
			Expect(s.installed()).To(BeEmpty())
		}
	})

	it("reads all members of a gzip file, and all streams of the others", func() {
		archive := tarOf(entry{name: "f", content: string(noise(100_000)), mode: 0o644})
		half := len(archive) / 2
		want := []string{"f -rw-r--r-- " + sumOf(noise(100_000)).String()}
		for _, packed := range [][]byte{
			append(gzipOf(archive[:half]), gzipOf(archive[half:])...),
			append(pipe(t, archive[:half], "xz"), pipe(t, archive[half:], "xz")...),
			append(pipe(t, archive[:half], "bzip2"), pipe(t, archive[half:], "bzip2")...),
			append(pipe(t, archive[:half], "zstd"), pipe(t, archive[half:], "zstd")...),
		} {
			s = newSite(t)
			Expect(s.installFile(packed, artifact.Artifact{})).To(Succeed())
			Expect(s.installed()).To(Equal(want))
		}
	})

	it("installs what git archive makes, with its global header", func() {
		Expect(s.installFile(tarOf(
			entry{name: "pax_global_header", content: "1a25af0c", kind: tar.TypeXGlobalHeader}, entry{name: "r/f", content: "x", mode: 0o664},
		), artifact.Artifact{Strip: 1})).To(Succeed())
		Expect(s.installed()).To(Equal([]string{`f -rw-r--r-- "x"`}))
	})

	for _, format := range []string{"gnu", "posix"} {
		it("installs the sparse files of GNU tar, format "+format, func() {
			source := t.TempDir()
			file, err := os.Create(filepath.Join(source, "sparse"))
			Expect(err).NotTo(HaveOccurred())
			defer file.Close()
			_, err = file.WriteAt([]byte("end"), 1<<20)
			Expect(err).NotTo(HaveOccurred())

			archive := pipe(t, nil, "tar", "--sparse", "--format="+format, "-c", "-C", source, "sparse")
			Expect(len(archive)).To(BeNumerically("<", 1<<16), "it is packed as a sparse file")
			Expect(s.installFile(archive, artifact.Artifact{})).To(Succeed())
			content := append(make([]byte, 1<<20), "end"...)
			Expect(s.installed()).To(Equal([]string{"sparse -rw-r--r-- " + sumOf(content).String()}))
		})
	}

	it("installs long names and other alphabets", func() {
		name := strings.Repeat("long/", 60) + "名前"
		for _, archive := range [][]byte{tarOf(entry{name: name, content: "x"}), zipOf(entry{name: name, content: "x"})} {
			s = newSite(t)
			Expect(s.installFile(archive, artifact.Artifact{Strip: 60})).To(Succeed())
			Expect(s.installed()).To(Equal([]string{`名前 -r-------- "x"`}))
		}
	})

	it("installs what the programs tar and zip have packed", func() {
		source := t.TempDir()
		for i := range 50 {
			Expect(os.MkdirAll(filepath.Join(source, fmt.Sprint("d", i%7)), 0o755)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(source, fmt.Sprint("d", i%7), fmt.Sprint("f", i)), noise(i*1000), 0o644)).To(Succeed())
		}
		Expect(os.Symlink("d1/f1", filepath.Join(source, "link"))).To(Succeed())
		command := exec.Command("zip", "-qry", filepath.Join(t.TempDir(), "archive.zip"), ".")
		command.Dir = source
		output, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		zipped, err := os.ReadFile(command.Args[2])
		Expect(err).NotTo(HaveOccurred())
		for _, archive := range [][]byte{pipe(t, nil, "tar", "-cz", "-C", source, "."), pipe(t, nil, "tar", "-cJ", "-C", source, "."), zipped} {
			s = newSite(t)
			Expect(s.installFile(archive, artifact.Artifact{})).To(Succeed())
			Expect(s.installed()).To(Equal(list(t, source)))
		}
	})

	context("failure cases", func() {
		stripped := artifact.Artifact{Strip: 1}

		it("does not touch a directory that exists already", func() {
			Expect(os.Mkdir(s.directory, 0o700)).To(Succeed())
			s.before = list(t, s.base)
			Expect(s.installFile(tarOf(release...), stripped)).To(MatchError(And(
				MatchRegexp("^failed to put file:///.*/artifact into its place: rename "), HaveSuffix("file exists"))))

			Expect(os.WriteFile(filepath.Join(s.directory, "file"), []byte("old"), 0o600)).To(Succeed())
			s.before = list(t, s.base)
			Expect(s.installFile(tarOf(release...), stripped)).To(MatchError(HaveSuffix("file exists")))
		})

		it("does not touch a file or a link in the place of the directory", func() {
			Expect(os.WriteFile(s.directory, []byte("old"), 0o600)).To(Succeed())
			s.before = list(t, s.base)
			Expect(s.installFile(tarOf(release...), stripped)).To(MatchError(HaveSuffix("not a directory")))

			Expect(os.Remove(s.directory)).To(Succeed())
			Expect(os.Symlink(t.TempDir(), s.directory)).To(Succeed())
			s.before = list(t, s.base)
			Expect(s.installFile(tarOf(release...), stripped)).To(MatchError(HaveSuffix("not a directory")))
		})

		it("says that the directory cannot be made", func() {
			s.directory = filepath.Join(s.base, "canary", "installed")
			Expect(s.installFile(tarOf(release...), stripped)).To(MatchError(And(HavePrefix("failed to make a directory: "), HaveSuffix("not a directory"))))
		})

		it("refuses a file with another checksum, of whatever kind", func() {
			for _, content := range [][]byte{tarOf(release...), gzipOf(tarOf(release...)), zipOf(release...), []byte("#!/bin/sh\n"), nil, []byte("\x1f\x8bbroken"), []byte("<html>")} {
				source := filepath.Join(t.TempDir(), "artifact")
				Expect(os.WriteFile(source, content, 0o600)).To(Succeed())
				err := s.install(t.Context(), artifact.Artifact{URI: "file://" + source, Checksum: sumOf([]byte("meant")).String(), Name: "tool"})
				Expect(err).To(MatchError(fmt.Sprintf(
					"failed to install file://%s: the checksum is wrong: found %s; expected %s", source, sumOf(content), sumOf([]byte("meant")))))
				var wrong *install.ChecksumError
				Expect(errors.As(err, &wrong)).To(BeTrue())
				Expect(*wrong).To(Equal(install.ChecksumError{Found: sumOf(content), Want: sumOf([]byte("meant"))}))
			}
		})

		it("refuses to install without a checksum", func() {
			server := serve(t, whole(nil))
			Expect(s.install(t.Context(), artifact.Artifact{URI: server.uri()})).To(MatchError(
				"failed to install " + server.URL + "/program: found no checksum; expected one, without which nothing is installed"))
			Expect(server.count()).To(BeZero())
		})

		it("refuses a bare executable without a name", func() {
			for _, name := range []string{"", ".", "/"} {
				Expect(s.installFile([]byte("#!/bin/sh\n"), artifact.Artifact{Name: name})).To(MatchError(HavePrefix("failed to install file:///")))
			}
		})

		it("refuses a bare executable with a name that leads out", func() {
			Expect(s.installFile([]byte("#!/bin/sh\n"), artifact.Artifact{Name: "../tool"})).To(MatchError(HaveSuffix(
				`entry "../tool" of the archive: found a path that leads out of the archive; expected a path below the archive's root`)))
		})

		it("returns why it was cancelled", func() {
			ctx, cancel := cancellable(t)
			cancel(errEnough)
			source := filepath.Join(t.TempDir(), "artifact")
			Expect(os.WriteFile(source, tarOf(release...), 0o600)).To(Succeed())
			Expect(s.install(ctx, artifact.Artifact{URI: "file://" + source, Checksum: sumOf(tarOf(release...)).String()})).To(MatchError(errEnough))
		})
	})
}
