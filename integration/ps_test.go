package integration_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unicode/utf8"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"golang.org/x/sys/unix"
)

// How a terminal is told to erase the table below the log, and where one begins.
const (
	erased = "\r\x1b[J"
	begun  = "\x1b[m"
)

// A console is a terminal with one program that writes to it.
type console struct {
	t       *testing.T
	master  *os.File
	command *exec.Cmd
	ended   chan struct{}
	tmp     string

	mutex  sync.Mutex
	output []byte
}

func startOnConsole(t *testing.T, directory, tmp string, columns, rows uint16, environ []string, args ...string) *console {
	t.Helper()
	inTime(t)
	Expect := NewWithT(t).Expect
	master, terminal := openTerminal(t)
	defer terminal.Close()

	c := &console{t: t, master: master, ended: make(chan struct{}), tmp: tmp, command: exec.Command(built.sidecar, args...)}
	c.resize(columns, rows)
	c.command.Dir, c.command.Stdout, c.command.Stderr = directory, terminal, terminal
	c.command.Env = append(append(os.Environ(), "TERM=xterm", "TMPDIR="+tmp), environ...)
	Expect(c.command.Start()).To(Succeed())
	go c.read()
	t.Cleanup(func() {
		_ = c.command.Process.Signal(syscall.SIGTERM)
		<-c.ended
		_ = master.Close()
	})
	return c
}

// read reads until no process has the terminal open.
func (c *console) read() {
	defer close(c.ended)
	for chunk := make([]byte, 4096); ; {
		n, err := c.master.Read(chunk)
		c.mutex.Lock()
		c.output = append(c.output, chunk[:n]...)
		c.mutex.Unlock()
		if err != nil {
			break
		}
	}
	_ = c.command.Wait() // its state tells
}

func (c *console) resize(columns, rows uint16) {
	c.t.Helper()
	NewWithT(c.t).Expect(unix.IoctlSetWinsize(int(c.master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows})).To(Succeed())
}

func (c *console) raw() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return string(c.output)
}

// parts are what was written of the log, and the tables below it.
func (c *console) parts() (log string, tables []string) {
	for _, part := range strings.Split(c.raw(), erased) {
		lines, table, drawn := strings.Cut(part, begun)
		log += lines
		if drawn {
			table, _, _ = strings.Cut(table, "\r\x1b[")
			tables = append(tables, strings.TrimSuffix(table, "\r"))
		}
	}
	return strings.ReplaceAll(log, "\r\n", "\n"), tables
}

func (c *console) log() string {
	log, _ := c.parts()
	return log
}

// table is the most recently drawn table.
func (c *console) table() string {
	_, tables := c.parts()
	if len(tables) == 0 {
		return ""
	}
	return tables[len(tables)-1]
}

// stop ends the program as its user would.
func (c *console) stop() {
	c.t.Helper()
	NewWithT(c.t).Expect(c.command.Process.Signal(syscall.SIGINT)).To(Succeed())
	NewWithT(c.t).Eventually(c.ended).Should(BeClosed(), c.raw)
	NewWithT(c.t).Expect(c.command.ProcessState.ExitCode()).To(Equal(0), c.raw())
}

func testPs(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		directory  string
		marks      string // a directory that outlives the instances
	)

	it.Before(func() {
		marks = t.TempDir()
		directory = app(t, map[string]string{
			"Procfile": "web: echo ready; exec sleep 1000",
			"sidecars.yml": fmt.Sprintf("- {name: watched, command: 'echo $$ > %s/pid; echo here; exec sleep 1000', memory: 64M, restart: on-failure}\n"+
				"- {name: plain, command: 'exec sleep 1000', memory: 32M}\n", marks),
			"manifest.yml": "applications: [{name: shown, memory: 256M, health-check-type: process, buildpacks: [sidecar_buildpack]}]",
		})
	})
	// killed kills the supervised sidecar.
	killed := func() {
		t.Helper()
		var line string
		Eventually(func() string {
			content, _ := os.ReadFile(filepath.Join(marks, "pid")) // it may not have been written yet
			line = string(content)
			return line
		}).Should(HaveSuffix("\n"))
		pid, err := strconv.Atoi(strings.TrimSpace(line))
		Expect(err).NotTo(HaveOccurred())
		Expect(syscall.Kill(pid, syscall.SIGKILL)).To(Succeed())
	}
	ps := func(tmp string, args ...string) func() string {
		return func() string {
			command := exec.Command(built.sidecar, append([]string{"ps"}, args...)...)
			command.Env = append(os.Environ(), "TMPDIR="+tmp)
			output, _ := command.CombinedOutput()
			return string(output)
		}
	}
	const running = `(?m)^app +process +sidecar +health +restarts +memory +since +details
shown +web/0 +- +running +0 +[0-9]+M of 160M +[0-9:]{8}
shown +web/0 +watched +ready +0 +[0-9]+M of 64M +[0-9:]{8}
shown +web/0 +plain +running +0 +[0-9]+M of 32M +[0-9:]{8}
$`

	it("shows from elsewhere how all that runs is, and keeps to plain lines where there is no terminal", func() {
		s := sidecar(t, directory, "push")
		Eventually(ps(s.tmp)).Should(MatchRegexp(running), s.log)
		Expect(ps(s.tmp, "shown")()).To(MatchRegexp(running))
		Expect(ps(s.tmp, "other")()).To(Equal("FAILED\nthere is no app \"other\" running; these are: shown\n"))
		Expect(ps(s.tmp, "shwon")()).To(Equal("FAILED\nthere is no app \"shwon\" running; did you mean shown? These are: shown\n"))

		var answer struct {
			Apps []struct {
				Name, Directory string
				Processes       []map[string]any
			}
		}
		Expect(json.Unmarshal([]byte(ps(s.tmp, "--output", "json")()), &answer)).To(Succeed())
		Expect(answer.Apps).To(HaveLen(1))
		Expect(answer.Apps[0].Name).To(Equal("shown"))
		Expect(answer.Apps[0].Directory).To(Equal(directory))
		Expect(answer.Apps[0].Processes).To(HaveExactElements(
			And(HaveKeyWithValue("sidecar", ""), HaveKeyWithValue("health", "running"), HaveKeyWithValue("reserved_in_mb", 160.0), HaveKeyWithValue("memory_in_mb", BeNumerically(">", 0))),
			And(HaveKeyWithValue("sidecar", "watched"), HaveKeyWithValue("health", "ready"), HaveKeyWithValue("restarts", 0.0), HaveKeyWithValue("memory_in_mb", BeNumerically(">", 0))),
			And(HaveKeyWithValue("sidecar", "plain"), HaveKeyWithValue("type", "web"), HaveKeyWithValue("index", 0.0), HaveKeyWithValue("details", ""), HaveKey("since")),
		))

		killed()
		Eventually(ps(s.tmp)).Should(MatchRegexp(`(?m)^shown +web/0 +watched +ready +1 +[0-9]+M of 64M `), s.log)
		s.stop()
		Expect(ps(s.tmp)()).To(Equal("No apps are running.\n"))
		Expect(s.log()).NotTo(Or(ContainSubstring("\x1b"), ContainSubstring("restarts")))
	})

	it("shows it below the log on a terminal, and leaves nothing of it there", func() {
		c := startOnConsole(t, directory, t.TempDir(), 100, 24, nil, "push", "--lifecycle", built.lifecycle)
		Eventually(c.table).Should(MatchRegexp(`^process +sidecar +health +restarts +memory +since +details\r
web/0 +- +running +0 +[0-9]+M of 160M +[0-9:]{8}\r
web/0 +watched +ready +0 +[0-9]+M of 64M +[0-9:]{8}\r
web/0 +plain +running +0 +[0-9]+M of 32M +[0-9:]{8}$`), c.raw)
		killed()
		Eventually(c.table).Should(MatchRegexp(`(?m)^web/0 +watched +ready +1 `), c.raw)
		c.resize(30, 6)
		Eventually(c.table).Should(MatchRegexp(`^process[^\r]*\r\nweb/0[^\r]*\r\n… and 2 more`), c.raw)
		for _, line := range strings.Split(c.table(), "\r\n") {
			Expect(utf8.RuneCountInString(line)).To(BeNumerically("<", 30))
		}
		c.stop()

		log := c.log()
		Expect(log).NotTo(ContainSubstring("\x1b"))
		for _, line := range strings.Split(strings.TrimSuffix(log, "\n"), "\n") {
			Expect(line).To(MatchRegexp(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d[+-]\d{4} \[[A-Z]+.*/0\] (OUT|ERR) `))
		}
		Expect(log).To(And(ContainSubstring("[APP/PROC/WEB/0] OUT ready\n"), ContainSubstring("[APP/PROC/WEB/SIDECAR/WATCHED/0] OUT Exit status")))
		Expect(strings.LastIndex(c.raw(), erased)).To(BeNumerically(">", strings.LastIndex(c.raw(), begun)), "the last table is erased")
		Expect(os.ReadDir(c.tmp)).To(BeEmpty())
	})

	it("loses no line of a flood above it, and says whose a process is of several apps", func() {
		const lines = 20000
		flood := fmt.Sprintf("'while ! [ -e %s/go ]; do sleep 0.05; done; seq -f line%%.0f %d; echo done; exec sleep 1000'", marks, lines)
		Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), fmt.Appendf(nil,
			"applications:\n- {name: one, health-check-type: process, buildpacks: [sidecar_buildpack], command: %s}\n"+
				"- {name: two, health-check-type: process, buildpacks: [sidecar_buildpack]}\n", flood), 0o644)).To(Succeed())
		c := startOnConsole(t, directory, t.TempDir(), 100, 40, nil, "push", "--lifecycle", built.lifecycle)
		Eventually(c.table).Should(MatchRegexp(`^app +process [^\r]*\r\none  web/0 +- +running [^\0]*\r\ntwo  web/0 +- +running`), c.raw)
		Expect(os.WriteFile(filepath.Join(marks, "go"), nil, 0o644)).To(Succeed())
		Eventually(func() bool { return strings.Contains(c.raw(), "OUT done\r\n") }).Should(BeTrue())
		c.stop()
		var found []string
		for _, line := range strings.Split(c.log(), "\n") {
			if _, text, ok := strings.Cut(line, "[APP/PROC/WEB/0] OUT line"); ok {
				found = append(found, text)
			}
		}
		Expect(found).To(HaveLen(lines))
		for i, text := range found {
			Expect(text).To(Equal(strconv.Itoa(i + 1)))
		}
		Expect(os.ReadDir(c.tmp)).To(BeEmpty())
	})

	it("is watched on another terminal", func() {
		s := sidecar(t, directory, "push")
		s.expectLine("APP/PROC/WEB/SIDECAR/WATCHED/0", "here")
		c := startOnConsole(t, directory, s.tmp, 100, 24, nil, "ps", "--watch")
		Eventually(c.table).Should(MatchRegexp(`shown +web/0 +watched +ready +0 `), c.raw)
		killed()
		Eventually(c.table).Should(MatchRegexp(`shown +web/0 +watched +ready +1 `), c.raw)
		s.stop()
		Eventually(c.table).Should(Equal("No apps are running."), c.raw)
		c.stop()
		Expect(c.log()).To(Equal("No apps are running.\n"))
	})

	it("hands a program's colors on to a terminal, unless NO_COLOR asks for none", func() {
		Expect(os.WriteFile(filepath.Join(directory, "manifest.yml"), []byte("applications: [{name: red, health-check-type: process, buildpacks: [sidecar_buildpack], "+
			`command: "printf '\\033[31mred\\033[0m\\n'; exec sleep 1000"}]`+"\n"), 0o644)).To(Succeed())
		for _, one := range []struct{ environ, line string }{
			{"NO_COLOR=", "[APP/PROC/WEB/0] OUT \x1b[31mred\x1b[0m\n"}, {"NO_COLOR=1", "[APP/PROC/WEB/0] OUT red\n"},
		} {
			c := startOnConsole(t, directory, t.TempDir(), 100, 24, []string{one.environ}, "push", "--lifecycle", built.lifecycle)
			Eventually(c.log).Should(ContainSubstring(one.line), c.raw)
			c.stop()
		}
	})

	it("keeps to plain lines on a terminal that can do no more", func() {
		c := startOnConsole(t, directory, t.TempDir(), 100, 24, []string{"TERM=dumb"}, "push", "--lifecycle", built.lifecycle)
		Eventually(c.raw).Should(ContainSubstring("[APP/PROC/WEB/SIDECAR/WATCHED/0] OUT here\r\n"))
		Eventually(ps(c.tmp)).Should(MatchRegexp(running))
		c.stop()
		Expect(c.raw()).NotTo(ContainSubstring("\x1b"))
	})
}
