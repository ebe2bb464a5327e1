package springtest

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// Jar is the app that Maven makes of a directory with a pom.xml, target/app.jar there. It is
// built once: the result is kept in the user's cache directory, by what the sources are,
// and other processes that want the same wait meanwhile. The sources stay as they are.
//
// It skips the test on a machine without a JDK or Maven, unless that is CI (CI is set); and
// where go test has a -timeout of less than half an hour, if there is something to build:
// a Maven that has nothing yet downloads for minutes.
func Jar(t testing.TB, directory string) string {
	t.Helper()
	need(t, "java", "mvn")
	key, err := hashTree(directory)
	if err != nil {
		t.Fatalf("failed to read the sources of %s: %s", directory, err)
	}
	cache := cacheDir()
	jar := filepath.Join(cache, key+".jar")
	if isFile(jar) {
		return jar
	}
	requireTime(t, directory)
	if err := buildOnce(directory, cache, jar); err != nil {
		t.Fatalf("failed to build %s: %s", directory, err)
	}
	return jar
}

// serverDir has the sources of the server, next to this file.
func serverDir(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		t.Fatal("these tests are compiled without the paths of their sources (-trimpath)")
	}
	return filepath.Join(filepath.Dir(file), "testdata", "server")
}

func cacheDir() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = filepath.Join(os.TempDir(), fmt.Sprintf("cache-%d", os.Getuid()))
	}
	return filepath.Join(cache, "sidecar-buildpack", "spring")
}

// buildOnce makes the jar, unless another process has done so meanwhile.
func buildOnce(sources, cache, jar string) error {
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(cache, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if isFile(jar) {
		return nil
	}
	work, err := os.MkdirTemp(cache, "build-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.CopyFS(filepath.Join(work, "app"), onlySources(sources)); err != nil {
		return err
	}
	if err := maven(filepath.Join(work, "app")); err != nil {
		return err
	}
	return os.Rename(filepath.Join(work, "app", "target", "app.jar"), jar)
}

func maven(directory string) error {
	command := exec.Command("mvn", "--batch-mode", "--quiet", "--no-transfer-progress", "package")
	command.Dir = directory
	output, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("mvn package: %w\n%s", err, output)
	}
	return nil
}

func need(t testing.TB, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is missing, and CI has to have it", program)
			}
			t.Skipf("%s is not installed", program)
		}
	}
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
