//go:build ignore

// Install is one side or the other of the benchmark of installing: a whole process
// that fetches an archive, verifies and unpacks it.
//
//	install make FILE                     makes the archive, and prints its SHA-256
//	install serve DIRECTORY               serves it on loopback, and prints the URL
//	install ours URI SHA256 CACHE OUT
//	install libbuildpack URI SHA256 CACHE OUT
//
// The last two print the most memory that they had resident, in KB.
package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/cloudfoundry/libbuildpack"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(command string, args []string) error {
	switch command {
	case "make":
		return makeArchive(args[0])
	case "serve":
		return serve(args[0])
	case "ours":
		return errors.Join(ours(args[0], args[1], args[2], args[3]), printPeak())
	case "libbuildpack":
		return errors.Join(theirs(args[0], args[1], args[2], args[3]), printPeak())
	default:
		return fmt.Errorf("found the command %q", command)
	}
}

// makeArchive makes an archive of 325 MB in 2,000 files, 175 MB when it is
// compressed. Half of each file is text, the rest cannot be compressed.
func makeArchive(path string) (err error) {
	const files, size = 2000, 325 << 20 / 2000
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	hash := sha256.New()
	compressed := gzip.NewWriter(io.MultiWriter(file, hash))
	archive := tar.NewWriter(compressed)
	random := rand.NewChaCha8([32]byte{1})
	text := sentences(rand.New(random), 2*size)
	content := make([]byte, size)
	for i := range files {
		plain := size / 2
		copy(content[:plain], text[i*size/files:])
		_, _ = random.Read(content[plain:]) // it never fails
		header := &tar.Header{Name: fmt.Sprintf("agent/lib%02d/file%04d", i/50, i), Mode: 0o644, Size: size, Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(content); err != nil {
			return err
		}
	}
	if err := errors.Join(archive.Close(), compressed.Close()); err != nil {
		return err
	}
	fmt.Printf("%x\n", hash.Sum(nil))
	return nil
}

// sentences is a text of some bytes in which words, and now and then a whole
// sentence, come again.
func sentences(choose *rand.Rand, size int) []byte {
	word := func() []byte {
		word := make([]byte, 3+choose.IntN(8))
		for i := range word {
			word[i] = byte('a' + choose.IntN(26))
		}
		return append(word, ' ')
	}
	words, known := make([][]byte, 300), make([][]byte, 100)
	for i := range words {
		words[i] = word()
	}
	for i := range known {
		for range 12 {
			known[i] = append(known[i], words[choose.IntN(len(words))]...)
		}
	}
	var text []byte
	for len(text) < size {
		if choose.IntN(2) == 0 {
			text = append(text, known[choose.IntN(len(known))]...)
			continue
		}
		text = append(text, words[choose.IntN(len(words))]...)
	}
	return text
}

func serve(directory string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	return http.Serve(listener, http.FileServer(http.Dir(directory)))
}

func ours(uri, sum, cache, out string) error {
	installer := install.Installer{
		Fetcher: install.Fetcher{Retry: install.DefaultRetryPolicy}, Cache: &install.Cache{Directory: cache},
		Limits: install.DefaultLimits, Logf: func(string, ...any) {},
	}
	return installer.Install(context.Background(), artifact.Artifact{URI: uri, Checksum: sum}, out)
}

func theirs(uri, sum, cache, out string) error {
	directory, err := os.MkdirTemp("", "manifest")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	const stack = "cflinuxfs4"
	if err := os.Setenv("CF_STACK", stack); err != nil {
		return err
	}
	manifest := fmt.Sprintf("language: bench\ndependencies: [{name: agent, version: 1.0.0, uri: '%s', sha256: %s, cf_stacks: [%s]}]\n", uri, sum, stack)
	if err := os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte(manifest), 0o600); err != nil {
		return err
	}
	loaded, err := libbuildpack.NewManifest(directory, libbuildpack.NewLogger(io.Discard), time.Now())
	if err != nil {
		return err
	}
	installer := libbuildpack.NewInstaller(loaded)
	if err := installer.SetAppCacheDir(cache); err != nil {
		return err
	}
	return installer.InstallDependency(libbuildpack.Dependency{Name: "agent", Version: "1.0.0"}, out)
}

var peak = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

func printPeak() error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, err = fmt.Printf("%s\n", peak.FindSubmatch(status)[1])
	return err
}
