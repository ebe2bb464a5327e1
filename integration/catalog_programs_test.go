package integration_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
)

// catalogBuilds lets one spec at a time build a program.
var catalogBuilds sync.Mutex

// catalogMirror builds those of the catalog's programs that are not there as manifest.yml
// pins them, and is the mirror that has them in place of a release.
func catalogMirror(t *testing.T, names ...string) string {
	t.Helper()
	Expect := NewWithT(t).Expect
	content, err := os.ReadFile(filepath.Join(built.root, "manifest.yml"))
	Expect(err).NotTo(HaveOccurred())
	pinned, err := dependency.Parse(content, "")
	Expect(err).NotTo(HaveOccurred())
	directory := filepath.Join(built.root, ".build", "dependencies")
	release := ""

	catalogBuilds.Lock()
	defer catalogBuilds.Unlock()
	for _, name := range names {
		program, err := pinned.Resolve(name, "")
		Expect(err).NotTo(HaveOccurred())
		release = path.Dir(strings.TrimPrefix(program.Artifact.URI, "https://github.com"))
		archive, _ := os.ReadFile(filepath.Join(directory, path.Base(program.Artifact.URI))) // it may not be there
		if sum := sha256.Sum256(archive); hex.EncodeToString(sum[:]) != program.Artifact.Checksum {
			longBuild(t, name)
			output, err := exec.Command(filepath.Join(built.root, "scripts", "dependencies.sh"), name).CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
			Expect(string(output)).To(HaveSuffix(program.Artifact.Checksum+"\n"), "manifest.yml pins other bytes than are built")
		}
	}
	return fmt.Sprintf("'%s,skip-path=%s'", &url.URL{Scheme: "file", Path: directory}, release)
}

// runPackage runs scripts/package.sh with these arguments, and is what it says.
func runPackage(args string) (string, error) {
	output, err := exec.Command(filepath.Join(built.root, "scripts", "package.sh"), strings.Fields(args)...).CombinedOutput()
	return string(output), err
}

// packageZip packages version 9.8.7 into a directory, and is the path of the zip.
func packageZip(t *testing.T, directory string, args ...string) string {
	t.Helper()
	command := exec.Command(filepath.Join(built.root, "scripts", "package.sh"), append(args, "--version", "9.8.7", "--output", directory)...)
	output, err := command.CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(output))
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	return lines[len(lines)-1]
}
