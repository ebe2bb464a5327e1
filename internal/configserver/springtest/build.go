package springtest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testbuild"
)

// Jar returns the app that Maven builds from a directory with a pom.xml, target/app.jar there. It is built by
// testbuild.Once.
func Jar(t testing.TB, directory string) string {
	t.Helper()
	return testbuild.Once(t, testbuild.Program{Kind: "spring", Sources: directory, Needs: []string{"java", "mvn"}, Build: maven, Output: filepath.Join("target", "app.jar")})
}

// serverDir returns the directory with the server's sources, next to this file.
func serverDir(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		t.Fatal("these tests are compiled without the paths of their sources (-trimpath)")
	}
	return filepath.Join(filepath.Dir(file), "testdata", "server")
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
