// Package testbuild builds programs for tests that take long to build, once for all tests of a
// user.
package testbuild

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A Program describes how to build a program.
type Program struct {
	// Kind is the name of a directory in the cache.
	Kind string
	// Sources is the directory with the sources, which does not change. Its subdirectory target
	// contains no sources.
	Sources string
	// Needs are the executables that the build or its result uses.
	Needs []string
	// Build makes Output in a copy of the sources.
	Build  func(directory string) error
	Output string // such as target/app.jar
}

// Once returns the path of a program. It is built only once: the result is kept in the user's cache
// directory, by the hash of the sources, while other processes that need the same wait.
//
// It skips the test on a machine without the needed executables, except in CI (CI is set). It also
// skips it if the program must be built and go test has a -timeout of less than half an hour, since
// a first build downloads for minutes.
func Once(t testing.TB, program Program) string {
	t.Helper()
	Need(t, program.Needs...)
	key, err := hashTree(program.Sources)
	if err != nil {
		t.Fatalf("failed to read the sources of %s: %s", program.Sources, err)
	}
	cache := cacheDir(program.Kind)
	result := filepath.Join(cache, key+filepath.Ext(program.Output))
	if isFile(result) {
		return result
	}
	requireTime(t, program.Sources)
	if err := program.build(cache, result); err != nil {
		t.Fatalf("failed to build %s: %s", program.Sources, err)
	}
	return result
}

// Need skips a test on a machine without these executables, and fails it in CI.
func Need(t testing.TB, executables ...string) {
	t.Helper()
	for _, executable := range executables {
		if _, err := exec.LookPath(executable); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is missing, and CI has to have it", executable)
			}
			t.Skipf("%s is not installed", executable)
		}
	}
}

func cacheDir(kind string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = filepath.Join(os.TempDir(), fmt.Sprintf("cache-%d", os.Getuid()))
	}
	return filepath.Join(cache, "sidecar-buildpack", kind)
}

// build builds the result, unless another process has done so meanwhile.
func (p Program) build(cache, result string) error {
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(cache, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if isFile(result) {
		return nil
	}
	work, err := os.MkdirTemp(cache, "build-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	copied := filepath.Join(work, "sources")
	if err := os.CopyFS(copied, onlySources(p.Sources)); err != nil {
		return err
	}
	if err := p.Build(copied); err != nil {
		return err
	}
	return os.Rename(filepath.Join(copied, p.Output), result)
}

func requireTime(t testing.TB, directory string) {
	t.Helper()
	const enough = 30 * time.Minute
	limit, err := time.ParseDuration(flag.Lookup("test.timeout").Value.String())
	if err != nil {
		t.Fatal(err)
	}
	if limit != 0 && limit < enough {
		t.Skipf("building %s may take minutes, and go test has a -timeout of %s; scripts/test.sh allows an hour", directory, limit)
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return err == nil && info.Mode().IsRegular()
}
