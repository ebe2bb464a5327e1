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

	"github.com/cloudfoundry-community/sidecar-buildpack/install"
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

// makeArchive makes an archive of 325 MB in 2,000 files. A little more than half
// of each is text, the rest cannot be compressed: together some 175 MB.
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
	choose := rand.New(random)
	words := make([][]byte, 300)
	for i := range words {
		words[i] = make([]byte, 3+choose.IntN(8))
		for j := range words[i] {
			words[i][j] = byte('a' + choose.IntN(26))
		}
	}
	text := make([]byte, 0, 2*size)
	for len(text) < size {
		text = append(append(text, words[choose.IntN(len(words))]...), ' ')
	}
	content := make([]byte, size)
	for i := range files {
		plain := size * 60 / 100
		copy(content[:plain], text[choose.IntN(len(text)-plain):])
		_, _ = random.Read(content[plain:]) // it never fails
		header := &tar.Header{Name: fmt.Sprintf("agent/lib%02d/file%04d", i%40, i), Mode: 0o644, Size: size, Format: tar.FormatUSTAR}
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

func serve(directory string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	return http.Serve(listener, http.FileServer(http.Dir(directory)))
}

func ours(uri, sum, cache, out string) error {
	checksum, err := install.ParseChecksum(sum)
	if err != nil {
		return err
	}
	installer := install.Installer{
		Fetcher: install.Fetcher{Patience: install.DefaultPatience}, Cache: &install.Cache{Directory: cache},
		Limits: install.DefaultLimits, Say: func(string, ...any) {},
	}
	return installer.Install(context.Background(), install.Artifact{URI: uri, Checksum: checksum}, out)
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
