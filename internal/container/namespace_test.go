//go:build linux

package container

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testNamespace(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		root, tmp string
	)

	it.Before(func() {
		root, tmp = t.TempDir(), t.TempDir()
	})
	// says is what a script writes in a container.
	says := func(visible []string, script string) string {
		t.Helper()
		output, err := maker{Root: root, Tmp: tmp, Visible: visible, Command: script, Exit: true}.command(t).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		return string(output)
	}
	// inTmp is a directory in the machine's own /tmp.
	inTmp := func() string {
		t.Helper()
		directory, err := os.MkdirTemp(Tmp, "container-test-")
		Expect(err).NotTo(HaveOccurred())
		t.Cleanup(func() { Expect(os.RemoveAll(directory)).To(Succeed()) })
		return directory
	}
	write := func(path, content string) string {
		t.Helper()
		Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		Expect(os.WriteFile(path, []byte(content), 0o755)).To(Succeed())
		return path
	}

	it("shows its root as /home/vcap and its temporary directory as /tmp, and leaves nothing on the machine", func() {
		needNamespaces(t)
		before := [2]bool{}
		for i, path := range []string{Home, filepath.Join(Tmp, "container-test-file")} {
			_, err := os.Lstat(path)
			before[i] = err == nil
		}
		write(filepath.Join(root, "app/file"), "from outside\n")
		Expect(says(nil, "pwd; cat /home/vcap/app/file; echo inside > /home/vcap/new; echo inside > /tmp/container-test-file; id -u")).To(Equal(
			"home: <nil> tmp: <nil>\n/home/vcap\nfrom outside\n" + strings.TrimSpace(says(nil, "id -u")[len("home: <nil> tmp: <nil>\n"):]) + "\n"))
		Expect(os.ReadFile(filepath.Join(root, "new"))).To(BeEquivalentTo("inside\n"))
		Expect(os.ReadFile(filepath.Join(tmp, "container-test-file"))).To(BeEquivalentTo("inside\n"))
		for i, path := range []string{Home, filepath.Join(Tmp, "container-test-file")} {
			_, err := os.Lstat(path)
			Expect(err == nil).To(Equal(before[i]), path)
		}
	})

	it("shows all else of the machine, other homes included", func() {
		needNamespaces(t)
		homes, err := os.ReadDir(filepath.Dir(Home))
		Expect(err).NotTo(HaveOccurred())
		seen := says(nil, "ls -A /home; [ -e "+self(t)+" ] || echo hidden; ls / | wc -l")
		for _, home := range homes {
			Expect(seen).To(ContainSubstring("\n" + home.Name() + "\n"))
		}
	})

	it("gives each container its own /tmp", func() {
		needNamespaces(t)
		first := maker{Root: root, Tmp: tmp, Command: "mkdir /tmp/x-buildpack && echo $$ > pid; exec sleep 1000"}.command(t)
		input, err := first.StdinPipe()
		Expect(err).NotTo(HaveOccurred())
		Expect(first.Start()).To(Succeed())
		pidsIn(t, filepath.Join(root, "pid"), 1)
		root, tmp = t.TempDir(), t.TempDir()
		Expect(says(nil, "mkdir /tmp/x-buildpack && ls /tmp")).To(HaveSuffix("\nx-buildpack\n"))
		Expect(input.Close()).To(Succeed())
		Expect(first.Wait()).To(Succeed())
	})

	it("shows of the machine's /tmp what is to be visible, and nothing else", func() {
		needNamespaces(t)
		outside := inTmp()
		program, hidden := write(filepath.Join(outside, "a b/program"), "#!/bin/bash\necho runs\n"), write(filepath.Join(outside, "hidden"), "x")
		data := filepath.Dir(write(filepath.Join(outside, "data/file"), "data\n"))
		link := filepath.Join(outside, "link")
		Expect(os.Symlink(data, link)).To(Succeed())
		seen := says([]string{program, filepath.Join(outside, "none"), data, filepath.Join(data, "file"), link, "/etc", Tmp},
			`"`+program+`"; cat `+link+`/file; cat `+data+`/file; [ -e `+hidden+` ] || echo hidden`)
		Expect(seen).To(HaveSuffix("\nruns\ndata\ndata\nhidden\n"))
	})

	it("lets nothing of the machine cover what is the container's", func() {
		needNamespaces(t)
		outside := inTmp()
		write(filepath.Join(outside, "file"), "the machine's\n")
		write(filepath.Join(tmp, filepath.Base(outside), "file"), "the container's\n")
		Expect(says([]string{outside}, "cat "+outside+"/file")).To(HaveSuffix("\nthe container's\n"))
	})

	it("shows the same to all programs of a container, who know each other", func() {
		needNamespaces(t)
		c, err := New(Spec{Init: self(t), Root: root, Tmp: tmp})
		Expect(err).NotTo(HaveOccurred())
		defer c.Destroy()
		run := func(script string) *Process {
			t.Helper()
			p, err := c.Start(Command{Path: "/bin/bash", Args: []string{"bash", "-c", script}, Dir: Home, Env: []string{"PATH=" + os.Getenv("PATH"), "SECRET=x"}})
			Expect(err).NotTo(HaveOccurred())
			return p
		}
		first := run("echo $$ > /tmp/pid; exec sleep 1000")
		pidsIn(t, filepath.Join(tmp, "pid"), 1)
		Expect(run(`grep -qz SECRET /proc/$(cat /tmp/pid)/environ && kill -USR1 $(cat /tmp/pid)`).Wait()).To(Equal(0))
		Expect(first.Wait()).To(Equal(128 + int(syscall.SIGUSR1)))
	})

	it("is made for a user that is not root, who stays who they are", func() {
		needNamespaces(t)
		const nobodyID = 65534
		command := maker{Root: root, Tmp: tmp, Command: "pwd; touch /tmp/new /home/vcap/new; id -u; mount -t tmpfs none /mnt 2>/dev/null || echo no mount", Exit: true}.command(t)
		if os.Getuid() == 0 {
			visible(t, self(t), root, tmp)
			Expect(os.Chown(root, nobodyID, nobodyID)).To(Succeed())
			Expect(os.Chown(tmp, nobodyID, nobodyID)).To(Succeed())
			command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobodyID, Gid: nobodyID}}
		}
		output, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		id := map[bool]string{true: "65534"}[os.Getuid() == 0]
		Expect(string(output)).To(MatchRegexp(`^home: <nil> tmp: <nil>\n/home/vcap\n` + id + `[0-9]*\nno mount\n$`))
		Expect(filepath.Join(tmp, "new")).To(BeARegularFile())
	})

	context("failure cases", func() {
		it("goes on without a namespace where the machine refuses one, and knows why", func() {
			needNamespaces(t)
			command := maker{Root: root, Tmp: tmp, Command: "pwd; echo $$ > pids; exit 3", Exit: true}.command(t,
				"unshare", "--user", "--map-root-user", "sh", "-c",
				`echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$0"`)
			output, err := command.CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
			why := "the limit user.max_user_namespaces is reached"
			Expect(string(output)).To(Equal("home: " + why + " tmp: " + why + "\n" + root + "\n"))
			Expect(filepath.Join(root, "pids")).To(BeARegularFile())
		})

		it("says what the machine refuses in its own words", func() {
			Expect(explain(&fs.PathError{Op: "fork/exec", Path: "/init", Err: syscall.EPERM})).To(MatchError("operation not permitted"))
			Expect(explain(errors.New("other"))).To(MatchError("other"))
		})
	})

	it("knows by which path its programs see a file", func() {
		c := &Container{spec: Spec{Root: "/container/root", Tmp: "/container/tmp"}}
		Expect(c.Inside("/container/root")).To(Equal("/home/vcap"))
		Expect(c.Inside("/container/root/app/a")).To(Equal("/home/vcap/app/a"))
		Expect(c.Inside("/container/tmp/x")).To(Equal("/tmp/x"))
		Expect(c.Inside("/container/rooted")).To(Equal("/container/rooted"))
		c.HomeError = errors.New("none")
		Expect(c.Inside("/container/root/app")).To(Equal("/container/root/app"))
		Expect(c.Inside("/container/tmp")).To(Equal("/tmp"))
	})
}

// visible makes files reachable for every user.
func visible(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		for directory := filepath.Dir(path); directory != "/"; directory = filepath.Dir(directory) {
			info, err := os.Stat(directory)
			NewWithT(t).Expect(err).NotTo(HaveOccurred())
			if info.Mode().Perm()&0o1 == 0 {
				NewWithT(t).Expect(os.Chmod(directory, info.Mode().Perm()|0o1)).To(Succeed())
			}
		}
	}
}
