package install_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

// secret is part of every credential of these tests, and must be in no output.
const secret = "s3cr3t"

// quick tries again at once. On a busy machine even a server in this process may be silent for
// seconds, so only specs of a silent server wait for less.
var quick = install.RetryPolicy{
	Connect: time.Minute, Answer: time.Minute, Stall: time.Minute,
	Attempts: 4, Pause: time.Millisecond, MaxPause: 20 * time.Millisecond,
}

// A site is a directory to install into, with files next to it that must not
// be touched, and an installer whose output is kept.
type site struct {
	t         *testing.T
	base      string // of everything
	directory string // to install into
	installer install.Installer
	before    []string

	mutex sync.Mutex
	said  []string
}

func newSite(t *testing.T) *site {
	t.Helper()
	base := t.TempDir()
	s := &site{t: t, base: base, directory: filepath.Join(base, "parent", "installed")}
	Expect := NewWithT(t).Expect
	Expect(os.Mkdir(filepath.Join(base, "parent"), 0o755)).To(Succeed())
	for _, canary := range []string{"canary", "parent/canary"} {
		Expect(os.WriteFile(filepath.Join(base, canary), []byte("alive"), 0o644)).To(Succeed())
	}
	s.installer = install.Installer{
		Fetcher: install.Fetcher{Retry: quick, Logf: s.say},
		Limits:  install.Limits{Entries: 1000, Bytes: 32 << 20},
		Logf:    s.say,
	}
	s.before = list(t, base)
	return s
}

func (s *site) say(format string, args ...any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.said = append(s.said, fmt.Sprintf(format, args...))
}

// install runs the installer, and makes sure of what holds in every case: no
// secret is told, and a failure leaves nothing behind.
func (s *site) install(ctx context.Context, wanted artifact.Artifact) error {
	s.t.Helper()
	Expect := NewWithT(s.t).Expect
	err := s.installer.Install(ctx, wanted, s.directory)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	Expect(strings.Join(s.said, "\n")).NotTo(ContainSubstring(secret))
	if err != nil {
		Expect(err.Error()).NotTo(ContainSubstring(secret))
		Expect(err.Error()).NotTo(ContainSubstring("panic"))
		Expect(list(s.t, s.base)).To(Equal(s.before), "what a failure leaves behind")
	}
	return err
}

// installFile installs a file with these bytes.
func (s *site) installFile(content []byte, wanted artifact.Artifact) error {
	s.t.Helper()
	source := filepath.Join(s.t.TempDir(), "artifact")
	NewWithT(s.t).Expect(os.WriteFile(source, content, 0o600)).To(Succeed())
	wanted.URI, wanted.Checksum = "file://"+source, sumOf(content).String()
	return s.install(s.t.Context(), wanted)
}

// installed lists the installed files, and checks that the files next to the directory are unchanged.
func (s *site) installed() []string {
	s.t.Helper()
	var others []string
	for _, line := range list(s.t, s.base) {
		if !strings.HasPrefix(line, "parent/installed") {
			others = append(others, line)
		}
	}
	NewWithT(s.t).Expect(others).To(Equal(s.before), "the files next to the directory")
	return list(s.t, s.directory)
}

// list describes all that is below a directory, a line for each.
func list(t *testing.T, directory string) []string {
	t.Helper()
	lines := []string{}
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == directory {
			return err
		}
		name, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%s %s", name, info.Mode())
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			line = fmt.Sprintf("%s -> %s", name, target)
		case info.Mode().IsRegular() && info.Size() > 100:
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			line += " " + sumOf(content).String()
		case info.Mode().IsRegular():
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" %q", content)
		}
		lines = append(lines, line)
		return nil
	})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return lines
}

func sumOf(content []byte) install.Checksum {
	sum := sha256.Sum256(content)
	parsed, err := install.ParseChecksum(hex.EncodeToString(sum[:]))
	if err != nil {
		panic(err)
	}
	return parsed
}

// noise is content that no compression makes smaller, the same every time.
func noise(size int) []byte {
	content := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content) // never fails
	return content
}

// An entry is one of an archive. Without a type it is a file or, where the name
// ends with a slash, a directory.
type entry struct {
	name    string
	content string
	link    string
	kind    byte
	mode    int64
}

func tarOf(entries ...entry) []byte {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, e := range entries {
		header := &tar.Header{Typeflag: e.kind, Name: e.name, Linkname: e.link, Mode: e.mode, Size: int64(len(e.content))}
		switch {
		case e.kind == 0 && strings.HasSuffix(e.name, "/"):
			header.Typeflag = tar.TypeDir
		case e.kind == 0:
			header.Typeflag = tar.TypeReg
		case e.kind == tar.TypeXGlobalHeader:
			header = &tar.Header{Typeflag: e.kind, Name: e.name, PAXRecords: map[string]string{"comment": e.content}}
			e.content = ""
		}
		must(w.WriteHeader(header))
		_, err := w.Write([]byte(e.content))
		must(err)
	}
	must(w.Close())
	return archive.Bytes()
}

func zipOf(entries ...entry) []byte {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		mode := fs.FileMode(e.mode) & fs.ModePerm
		switch e.kind {
		case tar.TypeSymlink:
			mode |= fs.ModeSymlink
			e.content = e.link
		case tar.TypeChar:
			mode |= fs.ModeDevice | fs.ModeCharDevice
		case tar.TypeFifo:
			mode |= fs.ModeNamedPipe
		}
		if e.mode&0o4000 != 0 {
			mode |= fs.ModeSetuid
		}
		if strings.HasSuffix(e.name, "/") {
			mode |= fs.ModeDir
		}
		header.SetMode(mode)
		f, err := w.CreateHeader(header)
		must(err)
		if !mode.IsDir() {
			_, err = f.Write([]byte(e.content))
			must(err)
		}
	}
	must(w.Close())
	return archive.Bytes()
}

func gzipOf(content []byte) []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write(content)
	must(err)
	must(w.Close())
	return packed.Bytes()
}

// pipe runs a program that packs or unpacks.
func pipe(t *testing.T, content []byte, program string, args ...string) []byte {
	t.Helper()
	command := exec.Command(program, args...)
	command.Stdin = bytes.NewReader(content)
	output, err := command.Output()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), program+" is needed for this test")
	return output
}

// must is for what cannot fail but by a mistake in a test.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// An order tells another process of this test program what to install.
type order struct {
	URI, Checksum, Directory, Cache string
	// FileSize is the longest file that it may write, in bytes; 0: any.
	FileSize uint64
	// RetryPolicy is another one than usual; nil: the usual one.
	RetryPolicy *install.RetryPolicy
}

const orderVariable = "SIDECAR_BUILDPACK_TEST_ORDER"

// TestMain makes this program an installer where it has an order.
func TestMain(m *testing.M) {
	text, ordered := os.LookupEnv(orderVariable)
	if !ordered {
		os.Exit(testmain.Run(m.Run))
	}
	if err := obey(text); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func obey(text string) error {
	var o order
	must(json.Unmarshal([]byte(text), &o))
	if o.FileSize > 0 {
		must(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: o.FileSize, Max: o.FileSize}))
	}
	say := func(format string, args ...any) { fmt.Printf(format+"\n", args...) }
	installer := install.Installer{Fetcher: install.Fetcher{Retry: quick, Logf: say}, Limits: install.DefaultLimits, Logf: say}
	if o.RetryPolicy != nil {
		installer.Fetcher.Retry = *o.RetryPolicy
	}
	if o.Cache != "" {
		installer.Cache = &install.Cache{Directory: o.Cache}
	}
	return installer.Install(context.Background(), artifact.Artifact{URI: o.URI, Checksum: o.Checksum, Name: "program"}, o.Directory)
}

// child is the command that has an order carried out.
func child(t *testing.T, o order, environment ...string) *exec.Cmd {
	t.Helper()
	Expect := NewWithT(t).Expect
	program, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	text, err := json.Marshal(o)
	Expect(err).NotTo(HaveOccurred())
	command := exec.Command(program)
	command.Env = append([]string{orderVariable + "=" + string(text), "GORACE=atexit_sleep_ms=0"}, environment...)
	return command
}
