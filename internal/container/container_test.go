//go:build linux

package container

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

// pidsIn waits until a file has this many process ids in it.
func pidsIn(t *testing.T, path string, count int) []int {
	t.Helper()
	var pids []int
	NewWithT(t).Eventually(func() []int {
		content, _ := os.ReadFile(path) // it may not be there yet
		pids = nil
		for _, word := range strings.Fields(string(content)) {
			if pid, err := strconv.Atoi(word); err == nil {
				pids = append(pids, pid)
			}
		}
		return pids
	}, "1m", "5ms").Should(HaveLen(count))
	return pids
}

// descendants are the processes that descend from one.
func descendants(pid int) []int {
	var pids []int
	for _, p := range processtree.Descendants(processtree.All(), pid) {
		pids = append(pids, p.Pid)
	}
	return pids
}

// living are those of some processes that have not ended.
func living(pids []int) []int {
	return slices.DeleteFunc(slices.Clone(pids), func(pid int) bool {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return err != nil || strings.Contains(string(stat), ") Z ")
	})
}

// leavers are ways to get away from whoever has started one; each writes its pid to the
// file that is its argument.
const leavers = `
left() { echo $BASHPID >> "$1"; trap '' TERM HUP INT; while :; do sleep 1000; done; }
export -f left
left "$1" &
setsid bash -c 'left "$0"' "$1" &
(setsid env -i bash -c 'cd /; echo $$ >> "$OLDPWD/$0"; exec sleep 1000' "$1" &)
(setsid bash -c 'echo $$ >> "$0"; kill -STOP $$' "$1" &)
echo $$ >> "$1"
exec sleep 1000
`

const leaverCount = 5

func testContainer(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		directory  string
		c          *Container
	)

	it.Before(func() {
		directory = t.TempDir()
		var err error
		c, err = New(Spec{Init: self(t), Name: "test", Root: directory, Tmp: t.TempDir()})
		Expect(err).NotTo(HaveOccurred())
		t.Cleanup(c.Destroy)
	})
	bash := func(script string, args ...string) Command {
		return Command{Path: "/bin/bash", Args: append([]string{"bash", "-c", script, "bash"}, args...), Dir: c.Inside(directory), Env: []string{"PATH=" + os.Getenv("PATH")}}
	}
	start := func(script string, args ...string) *Process {
		t.Helper()
		p, err := c.Start(bash(script, args...))
		Expect(err).NotTo(HaveOccurred())
		return p
	}

	for _, one := range []struct {
		script string
		status int
	}{{"exit 0", 0}, {"exit 3", 3}, {"kill -KILL $$", 137}, {"kill -TERM $$", 143}} {
		it("knows the status of "+one.script, func() {
			Expect(start(one.script).Wait()).To(Equal(one.status))
		})
	}

	it("gives a program its output, its environment, and nothing else that is open", func() {
		output, err := os.Create(filepath.Join(directory, "output"))
		Expect(err).NotTo(HaveOccurred())
		command := bash(`echo "$A"; echo err >&2; readlink /proc/self/fd/0; for fd in /proc/$$/fd/*; do readlink "$fd"; done | grep -c socket:`)
		command.Env = append(command.Env, "A=value")
		command.Stdout, command.Stderr = output, output
		p, err := c.Start(command)
		Expect(err).NotTo(HaveOccurred())
		p.Wait()
		Expect(output.Close()).To(Succeed())
		Expect(os.ReadFile(filepath.Join(directory, "output"))).To(BeEquivalentTo("value\nerr\n/dev/null\n0\n"))
	})

	it("takes an environment of any size", func() {
		command := bash(`[ ${#A} = 100000 ] && [ ${#B20} = 100000 ]`)
		command.Env = append(command.Env, "A="+strings.Repeat("x", 100_000))
		for i := range 21 {
			command.Env = append(command.Env, "B"+strconv.Itoa(i)+"="+strings.Repeat("x", 100_000))
		}
		p, err := c.Start(command)
		if err != nil { // the kernel takes a quarter of the stack's limit
			Expect(err).To(MatchError(syscall.E2BIG))
			return
		}
		Expect(p.Wait()).To(Equal(0))
	})

	it("signals a program, and nothing in the place of one that has ended", func() {
		p := start(`trap 'exit 5' TERM; echo $$ > pid; while :; do sleep 0.01; done`)
		pidsIn(t, filepath.Join(directory, "pid"), 1)
		p.Signal(syscall.SIGTERM)
		Expect(p.Wait()).To(Equal(5))
		p.Signal(syscall.SIGKILL)
		Expect(start("exit 0").Wait()).To(Equal(0))
	})

	it("ends all that was started, and what this has left behind", func() {
		p := start(leavers, "pids")
		pids := pidsIn(t, filepath.Join(directory, "pids"), leaverCount)
		Expect(pids).To(ContainElement(p.Pid))
		c.Destroy()
		Expect(living(pids)).To(BeEmpty())
		Expect(p.Wait()).To(Equal(137))
	})

	it("ends what forks on and on", func() {
		start(`next() { (setsid bash -c "echo x >> rounds; sleep 0.01; next" &); }; export -f next; for i in 1 2 3; do next; done; echo $$ > pid; exec sleep 1000`)
		pids := pidsIn(t, filepath.Join(directory, "pid"), 1)
		Eventually(func() ([]byte, error) { return os.ReadFile(filepath.Join(directory, "rounds")) }).ShouldNot(BeEmpty())
		init := c.init.Process.Pid
		c.Destroy()
		Expect(living(append(pids, init))).To(BeEmpty())
		rounds, err := os.ReadFile(filepath.Join(directory, "rounds"))
		Expect(err).NotTo(HaveOccurred())
		NewWithT(t).Consistently(func() ([]byte, error) { return os.ReadFile(filepath.Join(directory, "rounds")) }, "200ms").Should(Equal(rounds))
	})

	it("ends all with the program that has made the container, however that ends", func() {
		tmp := t.TempDir()
		command := maker{Root: directory, Tmp: tmp, Command: "set -- pids\n" + leavers}.command(t)
		input, err := command.StdinPipe()
		Expect(err).NotTo(HaveOccurred())
		defer input.Close()
		Expect(command.Start()).To(Succeed())
		pids := pidsIn(t, filepath.Join(directory, "pids"), leaverCount)
		all := append(pids, descendants(command.Process.Pid)...)
		Expect(command.Process.Kill()).To(Succeed())
		_ = command.Wait() // it was killed
		Eventually(func() []int { return living(all) }, "1m", "5ms").Should(BeEmpty())
	})

	it("says that all has ended where its init was killed", func() {
		p := start("exec sleep 1000")
		Expect(syscall.Kill(c.init.Process.Pid, syscall.SIGKILL)).To(Succeed())
		Expect(p.Wait()).To(Equal(137))
		_, err := c.Start(bash("exit 0"))
		Expect(err).To(HaveOccurred())
	})

	it("is deaf to signals that are not for it", func() {
		p := start("exec sleep 1000")
		for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT} {
			Expect(syscall.Kill(c.init.Process.Pid, s)).To(Succeed())
		}
		Expect(start("exit 0").Wait()).To(Equal(0))
		Expect(living([]int{p.Pid})).To(HaveLen(1))
		Expect(os.ReadFile("/proc/" + strconv.Itoa(c.init.Process.Pid) + "/comm")).To(BeEquivalentTo(InitName + "\n"))
	})

	it("collects the remains of orphans while it goes on", func() {
		start(`for i in $(seq 50); do (setsid true &); done; echo $$ > pid; exec sleep 1000`)
		pidsIn(t, filepath.Join(directory, "pid"), 1)
		Eventually(func() []int { return descendants(c.InitPid()) }, time.Minute).Should(HaveLen(1))
	})

	context("failure cases", func() {
		it("says that a program is not there, or cannot be run", func() {
			_, err := c.Start(Command{Path: "/no/such/program"})
			Expect(err).To(MatchError(fs.ErrNotExist))
			Expect(err).To(MatchError("fork/exec /no/such/program: no such file or directory"))
			_, err = c.Start(Command{Path: "/etc/passwd"})
			Expect(err).To(MatchError(fs.ErrPermission))
		})

		it("says that there is no program for its init", func() {
			_, err := New(Spec{Init: "/no/such/program", Root: directory, Tmp: directory})
			Expect(err).To(MatchError(fs.ErrNotExist))
		})

		it("says what it is to whoever calls it", func() {
			command := maker{}.command(t)
			command.Args[0], command.Env = InitName, nil
			output, err := command.CombinedOutput()
			Expect(err).To(MatchError("exit status 2"))
			Expect(string(output)).To(HavePrefix("this is the init of a container, which only sidecar can make: "))
		})
	})
}
