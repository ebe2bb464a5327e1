package integration_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// A memoryGroup is a memory cgroup, of version 1 or 2, that takes the place of a
// container: what the platform's launcher starts is in it, and nothing else.
type memoryGroup struct {
	t         *testing.T
	directory string
}

// limitMemory makes a memory cgroup below the test's own, or skips the spec and
// says why that cannot be.
func limitMemory(t *testing.T, megabytes int) *memoryGroup {
	t.Helper()
	script := filepath.Join(built.root, "integration", "testdata", "runtimes", "memory-group.sh")
	command := exec.Command(script, "make", strconv.Itoa(megabytes))
	var why bytes.Buffer
	command.Stderr = &why
	made, err := command.Output()
	if err != nil {
		t.Skipf("this machine lets no test make a memory cgroup, so that nothing is killed for memory here: %s", strings.TrimSpace(why.String()))
	}
	g := &memoryGroup{t: t, directory: strings.TrimSpace(string(made))}
	t.Cleanup(func() {
		output, err := exec.Command(script, "remove", g.directory).CombinedOutput()
		NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(output))
	})
	return g
}

// lifecycle is a directory with the platform's own builder, and a launcher that
// goes into the group before it becomes the platform's.
func (g *memoryGroup) lifecycle() string {
	g.t.Helper()
	Expect := NewWithT(g.t).Expect
	directory := app(g.t, map[string]string{"launcher.sh": fmt.Sprintf(
		"#!/bin/sh\necho $$ >'%s/cgroup.procs' && exec '%s/launcher' \"$@\"\n", g.directory, built.lifecycle)})
	Expect(os.Rename(filepath.Join(directory, "launcher.sh"), filepath.Join(directory, "launcher"))).To(Succeed())
	Expect(os.Symlink(filepath.Join(built.lifecycle, "builder"), filepath.Join(directory, "builder"))).To(Succeed())
	return directory
}

// kills is how many processes of the group were killed for memory.
func (g *memoryGroup) kills() int {
	g.t.Helper()
	for _, line := range strings.Split(g.read("memory.events", "memory.oom_control"), "\n") {
		if count, ok := strings.CutPrefix(line, "oom_kill "); ok {
			return g.number(count)
		}
	}
	g.t.Fatal("the kernel does not count the processes that it kills for memory")
	return 0
}

// peak is the most memory that the group ever had, in MB, what the kernel keeps
// of files for it included.
func (g *memoryGroup) peak() int {
	g.t.Helper()
	return g.number(g.read("memory.peak", "memory.max_usage_in_bytes")) >> 20
}

// read is the content of the first of the files that is there: that of version 2
// or that of version 1.
func (g *memoryGroup) read(names ...string) string {
	g.t.Helper()
	var content []byte
	var err error
	for _, name := range names {
		if content, err = os.ReadFile(filepath.Join(g.directory, name)); err == nil {
			break
		}
	}
	NewWithT(g.t).Expect(err).NotTo(HaveOccurred())
	return strings.TrimSpace(string(content))
}

func (g *memoryGroup) number(text string) int {
	g.t.Helper()
	value, err := strconv.Atoi(text)
	NewWithT(g.t).Expect(err).NotTo(HaveOccurred())
	return value
}
