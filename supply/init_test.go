package supply_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cloudfoundry/libbuildpack"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/artifact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/supply"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

func TestSupply(t *testing.T) {
	suite := spec.New("supply", spec.Report(report.Terminal{}))
	suite("Commands", testCommands)
	suite("Conflict", testConflict)
	suite("AppStart", testAppStart)
	suite("AppEnvironment", testAppEnvironment)
	suite("Family", testFamily)
	suite("Index", testIndex)
	suite("Java", testJava)
	suite("JavaSidecar", testJavaSidecar)
	suite("Limits", testLimits, spec.Parallel())
	suite("Node", testNode)
	suite("Overridden", testOverridden)
	suite("Packages", testPackages)
	suite("Ports", testPorts)
	suite("ProfileShells", testProfileShells, spec.Parallel())
	suite("ProfileSettings", testProfileSettings, spec.Parallel())
	suite("ProfileJVM", testProfileJVM, spec.Parallel())
	suite("ProfileContainer", testProfileContainer, spec.Parallel())
	suite("ProfileFailures", testProfileFailures, spec.Parallel())
	suite("Rendering", testRendering)
	suite("Reservation", testReservation)
	suite("Run", testRun)
	suite("Runnable", testRunnable)
	suite("Secrets", testSecrets)
	suite("Stopping", testStopping)
	suite("Supervise", testSupervise)
	suite.Run(t)
}

// A staging is one push's directories, and the supply phase that works on them.
type staging struct {
	t         *testing.T
	root      string
	index     string
	environ   []string
	catalog   sidecar.Catalog
	siblings  []family.Buildpack
	languages []string
	memory    memory.Size
	stack     string
	log       bytes.Buffer
}

// stage makes the directories that the lifecycle makes for the buildpack with
// this index.
func stage(t *testing.T, index string) *staging {
	t.Helper()
	s := &staging{t: t, root: t.TempDir(), index: index, stack: "cflinuxfs4"}
	for _, directory := range []string{"app", "cache", "deps/" + index} {
		NewWithT(t).Expect(os.MkdirAll(s.path(directory), 0o755)).To(Succeed())
	}
	s.write("buildpack/manifest.yml", "language: sidecar\ndependencies: []\n")
	s.write("buildpack/VERSION", "1.2.3\n")
	s.write("buildpack/bin/config-server", "the program")
	s.write("buildpack/bin/sidecar-env", "the program")
	s.write("buildpack/bin/sidecar-render", "the renderer")
	s.write("buildpack/bin/supervise", "the program")

	var err error
	s.catalog, err = sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte("[[metadata.sidecars]]\nname = \"config-server\"\nexecutable = \"config-server\"\nmemory = 32\n")})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return s
}

func (s *staging) path(name string) string {
	return filepath.Join(s.root, name)
}

func (s *staging) write(name, content string) {
	s.t.Helper()
	NewWithT(s.t).Expect(os.MkdirAll(filepath.Dir(s.path(name)), 0o755)).To(Succeed())
	NewWithT(s.t).Expect(os.WriteFile(s.path(name), []byte(content), 0o600)).To(Succeed())
}

// older gives the push a sidecar buildpack in this position of the version before files had
// versions, as that one has supplied it.
func (s *staging) older(index string) {
	s.t.Helper()
	const supplied = "../integration/testdata/buildpacks/older/supplied"
	err := filepath.WalkDir(supplied, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil {
			s.write("deps/"+index+strings.TrimSuffix(strings.TrimPrefix(path, supplied), ".txt"), strings.ReplaceAll(string(content), "@INDEX@", index))
		}
		return err
	})
	NewWithT(s.t).Expect(err).NotTo(HaveOccurred())
}

// programs gives the buildpack the real programs that run at the start of a process.
func (s *staging) programs() {
	s.t.Helper()
	for _, name := range []string{"supervise", "sidecar-env"} {
		program, err := built(name)
		NewWithT(s.t).Expect(err).NotTo(HaveOccurred(), program)
		s.write("buildpack/bin/"+name, program)
	}
}

func (s *staging) run() error {
	s.t.Helper()
	s.log.Reset()
	log := libbuildpack.NewLogger(&s.log)
	manifest, err := libbuildpack.NewManifest(s.path("buildpack"), log, time.Now())
	NewWithT(s.t).Expect(err).NotTo(HaveOccurred())
	dependencies, err := dependency.New(manifest, s.path("deps"), s.stack)
	NewWithT(s.t).Expect(err).NotTo(HaveOccurred())
	supplier := supply.Supplier{
		Stager: libbuildpack.NewStager([]string{s.path("app"), s.path("cache"), s.path("deps"), s.index}, log, manifest),
		Log:    log, Identity: family.Identity{ID: "sidecar", Name: "Sidecar Buildpack"}, Catalog: s.catalog, Siblings: s.siblings, Languages: s.languages, Environ: s.environ, StagingMemory: s.memory,
		Manifest: manifest, Stack: s.stack, Dependencies: dependencies,
		Installer: installer{s.path("buildpack")},
	}
	return supplier.Run()
}

// An installer installs from a buildpack's directory, and what file URIs name.
type installer struct{ buildpack string }

func (i installer) Program(name, destination string) error {
	return install.Executable(filepath.Join(i.buildpack, "bin", name), destination)
}

func (i installer) Artifact(wanted artifact.Artifact, directory string) error {
	installer := install.Installer{
		Fetcher: install.Fetcher{Retry: install.DefaultRetryPolicy, Root: i.buildpack},
		Limits:  install.DefaultLimits, Logf: func(string, ...any) {},
	}
	return installer.Install(context.Background(), wanted, directory)
}

// launched is the launch.yml of an index.
func (s *staging) launched(index string) []launch.Process {
	s.t.Helper()
	processes, err := launch.Read(s.path("deps/" + index + "/launch.yml"))
	NewWithT(s.t).Expect(err).NotTo(HaveOccurred())
	return processes
}

// tree is everything there is: each path with its mode, and its content where
// it is a file.
func (s *staging) tree() map[string]string {
	s.t.Helper()
	tree := map[string]string{}
	err := filepath.WalkDir(s.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, s.root)
		tree[name] = info.Mode().String()
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			tree[name] += fmt.Sprintf(" %s", content)
		}
		return nil
	})
	NewWithT(s.t).Expect(err).NotTo(HaveOccurred())
	return tree
}

// outside is the tree without what lies in some directories.
func outside(tree map[string]string, directories ...string) map[string]string {
	rest := map[string]string{}
	for name, content := range tree {
		inside := false
		for _, directory := range directories {
			inside = inside || name == directory || strings.HasPrefix(name, directory+"/")
		}
		if !inside {
			rest[name] = content
		}
	}
	return rest
}
