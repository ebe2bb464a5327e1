package launch_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"code.cloudfoundry.org/buildpackapplifecycle/buildpackrunner/resources"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	lifecycleyaml "gopkg.in/yaml.v2"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testRead(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		path   string
	)

	it.Before(func() {
		path = filepath.Join(t.TempDir(), launch.FileName)
	})

	it("CF-05 reads type, command, memory and process types", func() {
		Expect(os.WriteFile(path, []byte(`---
processes:
- type: performance monitor
  command: |
    one
    two
  limits: {memory: 128}
  platforms: {cloudfoundry: {sidecar_for: [web, worker]}}
- type: web
  command: run
`), 0o600)).To(Succeed())
		processes, err := launch.Read(path)
		Expect(err).NotTo(HaveOccurred())
		Expect(processes).To(Equal([]launch.Process{
			{Type: "performance monitor", Command: "one\ntwo\n", Memory: 128, SidecarFor: []string{"web", "worker"}},
			{Type: "web", Command: "run"},
		}))
		Expect(processes[0].IsSidecar()).To(BeTrue())
		Expect(processes[1].IsSidecar()).To(BeFalse())
	})

	it("CF-06 takes an entry with an empty sidecar_for for a process", func() {
		Expect(os.WriteFile(path, []byte("processes: [{type: a, command: b, platforms: {cloudfoundry: {sidecar_for: []}}}]"), 0o600)).To(Succeed())
		processes, err := launch.Read(path)
		Expect(err).NotTo(HaveOccurred())
		Expect(processes).To(HaveLen(1))
		Expect(processes[0].IsSidecar()).To(BeFalse())
	})

	files := map[string]string{
		"an empty file": "", "no processes": "processes:\n", "an empty list": "processes: []\n", "another key": "other: 1\n",
		"memory 0": "processes: [{type: a, limits: {memory: 0}}]", "memory null": "processes: [{type: a, limits: {memory: ~}}]",
		"memory 256M": "processes: [{type: a, limits: {memory: 256M}}]", "memory quoted": "processes: [{type: a, limits: {memory: '256'}}]",
		"memory with a fraction": "processes: [{type: a, limits: {memory: 1.5}}]", "negative memory": "processes: [{type: a, limits: {memory: -5}}]",
		"octal memory": "processes: [{type: a, limits: {memory: 0100}}]", "memory 1_024": "processes: [{type: a, limits: {memory: 1_024}}]",
		"a key twice": "processes: [{type: a, type: b}]", "a number as type": "processes: [{type: 5, command: 6}]", "a boolean as type": "processes: [{type: yes, command: off}]",
		"text for sidecar_for": "processes: [{type: a, platforms: {cloudfoundry: {sidecar_for: web}}}]", "no mapping": "- a", "text": "a",
		"two documents": "processes: []\n---\nprocesses: [{type: a}]\n", "an anchor": "a: &a {type: a, command: b}\nprocesses: [*a, {<<: *a, type: c}]", "broken YAML": "processes: [", "a tab": "processes:\n\t- a",
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		content := files[name]
		it("CF-05 reads a file with "+name+" as the lifecycle does", func() {
			Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed())
			var data resources.LaunchData
			failed := lifecycleyaml.Unmarshal([]byte(content), &data)

			processes, err := launch.Read(path)
			if failed != nil {
				Expect(err).To(MatchError("failed to parse " + path + ": " + yamlerror.Wrap("", []byte(content), failed).Error()))
				return
			}
			Expect(err).NotTo(HaveOccurred())
			Expect(toLifecycle(processes)).To(Equal(toLifecycle(fromLifecycle(data.Processes))))
		})
	}

	context("failure cases", func() {
		it("says that there is no file", func() {
			_, err := launch.Read(path)
			Expect(err).To(MatchError(fs.ErrNotExist))
			Expect(err).To(MatchError("failed to read launch.yml: " + path + ": there is no such file"))
		})

		it("refuses what is not a file, or fills the memory, without reading it", func() {
			Expect(syscall.Mkfifo(path, 0o600)).To(Succeed())
			_, err := launch.Read(path)
			Expect(err).To(MatchError("failed to read launch.yml: " + path + ": found a named pipe; expected a regular file of at most 1 MB"))
			Expect(os.Remove(path)).To(Succeed())
			Expect(os.Symlink("/dev/zero", path)).To(Succeed())
			_, err = launch.Read(path)
			Expect(err).To(MatchError("failed to read launch.yml: " + path + ": found a device; expected a regular file of at most 1 MB"))
		})

		it("CF-05 fails on memory with a unit", func() {
			Expect(os.WriteFile(path, []byte("processes:\n- type: a\n  limits: {memory: 256M}\n"), 0o600)).To(Succeed())
			_, err := launch.Read(path)
			Expect(err).To(MatchError("failed to parse " + path + ": line 3: found the text `256M`; expected a whole number"))
		})
	})
}
