//go:build linux

package supervise

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

func testCommand(t *testing.T, context spec.G, it spec.S) {
	Expect := NewWithT(t).Expect

	it("takes arguments as they are", func() {
		args := []string{"app", "a b", "", "$A", "*"}
		Expect(newCommand(supervision.Spec{}, args, nil).argv).To(Equal(args))
	})

	it("finds a program as the shell does", func() {
		directory := t.TempDir()
		s := &site{T: t, directory: directory}
		s.put("a/tool/x", "", 0o755) // a directory of this name
		s.put("b/tool", "", 0o644)   // not executable
		wanted := s.put("c/tool", "", 0o755)
		s.put("d/tool", "", 0o755)
		path := strings.Join([]string{"", directory + "/none", directory + "/a", directory + "/b", directory + "/c", directory + "/d"}, ":")
		program, err := newCommand(supervision.Spec{}, []string{"tool", "x"}, []string{"PATH=" + path}).program()
		Expect(err).NotTo(HaveOccurred())
		Expect(program).To(Equal(wanted))
	})

	it("says where it runs", func() {
		c := newCommand(supervision.Spec{WorkDir: "$HOME/x/.."}, []string{"a", "b"}, []string{"HOME=/home", "PWD=/else"})
		Expect(c.directory).To(Equal("/home/x/.."))
		Expect(c.environ).To(Equal(environment{"HOME=/home", "PWD=/home"}))
	})

	// Both ways in which a command is run.
	for _, spec := range []supervision.Spec{{Name: "a"}, {Name: "a", MemoryLimit: 1 << 40}} {
		context(fmt.Sprintf("stays %t", spec.KeepsSupervisor()), func() {
			var s *site

			it.Before(func() {
				s = newPlainSite(t)
				s.specs(spec)
			})

			it("has the statuses of the shell", func() {
				for line, status := range map[string]int{
					"true": 0, "exit 3": 3, "exit 255": 255,
					"kill -TERM $$": 128 + 15, "kill -KILL $$": 128 + 9, "kill -USR1 $$": 128 + 10, "kill -HUP $$": 128 + 1, "kill -PIPE $$": 128 + 13,
				} {
					p := s.run("a", line)
					Expect(p.cleanStatus()).To(Equal(status), line)
					Expect(p.wrote() + p.said()).To(BeEmpty())
				}
			})

			it("has a program with no #! in its first line run by the shell, as the shell would", func() {
				script := s.put("script", "echo \"$0 $*\"\nexit 4\n", 0o755)
				p := s.run("a", script, "b", "c")
				Expect(p.cleanStatus()).To(Equal(4), p.said())
				Expect(p.wrote()).To(Equal(script + " b c\n"))
			})

			it("runs a program, whatever is in its name", func() {
				for i, name := range []string{"a b", "$(touch no)", "it's; exit 3"} {
					path := s.put(name, "#!/bin/sh\necho here\n", 0o755)
					Expect(s.start("a", "--", path).cleanStatus()).To(Equal(0))
					path = s.put(name, "echo $# here\n", 0o755) // and without #!
					p := s.start("a", "--", path)
					Expect(p.cleanStatus()).To(Equal(0), p.said())
					Expect(p.wrote()).To(Equal("0 here\n"), "%d", i)
				}
			})

			it("takes no argument for a line of the shell", func() {
				for _, line := range []string{"$(touch no)/x; touch no", "exit 3", "touch no", "/nonexist dir/touch no"} {
					p := s.start("a", "--", line)
					Expect(p.cleanStatus()).To(Equal(127), line)
					Expect(p.said()).To(ContainSubstring(line + " cannot be run: "))
				}
				Expect(filepath.Join(s.directory, "no")).NotTo(BeAnExistingFile())
			})

			it("finds a program with the supervisor's own PATH", func() {
				spec.Env = []supervision.Variable{{Name: "PATH", Value: "/none"}}
				s.specs(spec)
				p := s.run("a", "echo $PATH")
				Expect(p.cleanStatus()).To(Equal(0), p.said())
				Expect(p.wrote()).To(Equal("/none\n"))
			})

			it("runs a program relative to its directory, and looks for it in the PATH from there", func() {
				s.put("there/bin/tool", "#!/bin/sh\npwd -P; echo $PWD\n", 0o755)
				spec.WorkDir = "$THERE"
				s.environ = append(s.environ, "THERE="+s.directory+"/there", "PATH=bin:/bin:/usr/bin")
				s.specs(spec)
				for _, args := range [][]string{{"bin/tool", ""}, {"./bin/tool", "x"}, {"tool", "x"}} {
					p := s.run("a", args...)
					Expect(p.cleanStatus()).To(Equal(0), "%q: %s", args, p.said())
					Expect(p.wrote()).To(Equal(strings.Repeat(s.directory+"/there\n", 2)))
				}
			})

			it("leaves the limit of open files as it was", func() {
				p := s.startCommand(exec.Command("bash", "-c", `ulimit -Sn 100; exec bin/supervise a -- bash -c "ulimit -Sn"`))
				Expect(p.cleanStatus()).To(Equal(0), p.said())
				Expect(p.wrote()).To(Equal("100\n"))
			})

			it("leaves no descriptor open and no signal ignored", func() {
				const look = "ls -1 /proc/self/fd; grep -E 'SigIgn|SigBlk' /proc/self/status"
				without := s.startCommand(exec.Command(shell, "-c", look))
				Expect(without.cleanStatus()).To(Equal(0))
				p := s.run("a", look)
				Expect(p.cleanStatus()).To(Equal(0))
				Expect(p.wrote()).To(Equal(without.wrote()))
			})

			context("failure cases", func() {
				fails := func(status int, message string, args ...string) {
					t.Helper()
					p := s.start(append([]string{"a", "--"}, args...)...)
					Expect(p.cleanStatus()).To(Equal(status), "%q", args)
					Expect(p.wrote()).To(BeEmpty())
					Expect(p.said()).To(HavePrefix("[supervise] a: "), "%q", args)
					Expect(p.said()).To(ContainSubstring(message), "%q", args)
					Expect(strings.Count(p.said(), "\n")).To(Equal(1))
				}

				it("says what is not found", func() {
					fails(127, "/none/app cannot be run: no such file or directory", "/none/app")
					fails(127, "none cannot be run: file does not exist", "none", "x")
					fails(127, "/dev/null/app cannot be run: not a directory", "/dev/null/app")
					fails(127, " cannot be run: file does not exist", "", "x")
				})

				it("says what is not executable", func() {
					file := s.put("bin/file", "", 0o644)
					fails(126, file+" cannot be run: permission denied", file)
					s.environ = append(s.environ, "PATH="+s.directory+"/bin")
					fails(126, file+" cannot be run: permission denied", "file", "x")
					fails(126, s.directory+" cannot be run: permission denied", s.directory)
				})

				it("says which interpreter is missing", func() {
					fails(127, `/gone cannot be run: its interpreter "/bin/gone" does not exist`, s.put("gone", "#!/bin/gone\n", 0o755))
				})

				it("says which directory it cannot enter", func() {
					spec.WorkDir = "/none/$A"
					s.environ = append(s.environ, "A=a\nb")
					s.specs(spec)
					fails(127, "the directory /none/$A cannot be entered: no such file or directory", "true")
					spec.WorkDir = "$NOT_SET"
					s.specs(spec)
					fails(127, "the directory $NOT_SET cannot be entered: no such file or directory", "true")
					spec.WorkDir = "/dev/null"
					s.specs(spec)
					fails(127, "the directory /dev/null cannot be entered: not a directory", "true")
				})

				it("says what is too long", func() {
					spec.Env = []supervision.Variable{{Name: "LONG", Value: "$HALF$HALF"}}
					s.environ = append(s.environ, "HALF="+strings.Repeat("x", 100<<10))
					s.specs(spec)
					fails(126, `/bin/true cannot be run: the variable "LONG" has 204805 bytes; expected 131071 at most, with its name`, "/bin/true")
				})
			})
		})
	}

	context("failure cases", func() {
		it("explains what it does not know", func() {
			Expect(command{}.explain(fmt.Errorf("this"))).To(Equal("this"))
			Expect(startStatus(fmt.Errorf("this"))).To(Equal(126))
			Expect(command{}.explain(&fs.PathError{Op: "run", Path: "/a", Err: syscall.EAGAIN})).To(Equal("/a cannot be run: resource temporarily unavailable"))
			Expect(startStatus(&fs.PathError{Op: "stat", Path: "/a", Err: os.ErrPermission})).To(Equal(126))
		})
	})
}
