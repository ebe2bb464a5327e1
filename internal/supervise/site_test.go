//go:build linux

package supervise

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// A site is a directory as the program finds it above its own, and all that runs
// there.
type site struct {
	*testing.T
	directory string
	// mark is in the environment of all that is started here.
	mark    string
	environ []string
	// unread are written to in place of files, where they are not nil.
	stdout, stderr *os.File
	running        int
}

// newSite is one with the program as this test is built: with the race detector, or
// without.
func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteWith(t, "supervise")
}

// newPlainSite is one with the program without the race detector, for specs of what
// it does before anything goes on at once.
func newPlainSite(t *testing.T) *site {
	t.Helper()
	return newSiteWith(t, "plain")
}

func newSiteWith(t *testing.T, program string) *site {
	t.Helper()
	s := &site{T: t, directory: t.TempDir()}
	s.mark = "SUPERVISE_TEST_SITE=" + s.directory
	s.environ = []string{"PATH=" + os.Getenv("PATH"), "CHILD=" + filepath.Join(built, "child"), s.mark}
	NewWithT(t).Expect(os.Mkdir(filepath.Join(s.directory, "bin"), 0o755)).To(Succeed())
	place := filepath.Join(s.directory, "bin", "supervise")
	if err := os.Link(filepath.Join(built, program), place); err != nil {
		content, err := os.ReadFile(filepath.Join(built, program))
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		NewWithT(t).Expect(os.WriteFile(place, content, 0o755)).To(Succeed())
	}
	t.Cleanup(s.clear)
	return s
}

// clear ends what a failed spec has left.
func (s *site) clear() {
	NewWithT(s.T).Eventually(func() map[int]string {
		living := s.living()
		for pid := range living {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		return living
	}).Should(BeEmpty())
}

// living are the processes of this site, wherever they have gone.
func (s *site) living() map[int]string {
	found := map[int]string{}
	for _, p := range processtree.All() {
		environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.Pid))
		if err != nil || !bytes.Contains(append([]byte{0}, environ...), []byte("\x00"+s.mark+"\x00")) {
			continue
		}
		command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.Pid))
		found[p.Pid] = string(command)
	}
	return found
}

func (s *site) specs(specs ...supervision.Spec) {
	s.Helper()
	NewWithT(s.T).Expect(supervision.Write(s.directory, specs)).To(Succeed())
}

// put writes a file of the site, or replaces it whole, so that no reader sees a part of it.
func (s *site) put(name, content string, mode os.FileMode) string {
	s.Helper()
	path := filepath.Join(s.directory, name)
	NewWithT(s.T).Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
	written := filepath.Join(s.TempDir(), "written")
	NewWithT(s.T).Expect(os.WriteFile(written, []byte(content), mode)).To(Succeed())
	NewWithT(s.T).Expect(os.Chmod(written, mode)).To(Succeed())
	NewWithT(s.T).Expect(os.Rename(written, path)).To(Succeed())
	return path
}

// states is how the one of this name is.
func (s *site) state(name string) supervision.State {
	all, _ := supervision.States(s.directory) // it may not have told yet
	for _, state := range all {
		if state.Name == name {
			return state
		}
	}
	return supervision.State{}
}

// pid waits until the process of a command is known, which may have written already.
func (s *site) pid(name string) (pid int) {
	s.Helper()
	NewWithT(s.T).Eventually(func() int { pid = s.state(name).Pid; return pid }).ShouldNot(BeZero())
	return pid
}

func (s *site) phase(name string) func() string {
	return func() string { return s.state(name).Phase }
}

// A process is a run of the program.
type process struct {
	*site
	*exec.Cmd
	out, err string // where it writes to
	ended    chan struct{}
}

// run runs the command under this name.
func (s *site) run(name string, command ...string) *process {
	s.Helper()
	if len(command) == 1 {
		command = []string{shell, "-c", command[0]}
	}
	return s.start(append([]string{name, "--"}, command...)...)
}

// hold starts the program as an app's process does that waits for these.
func (s *site) hold(names ...string) *process {
	s.Helper()
	var asking []appstart.Sidecar
	for _, name := range names {
		asking = append(asking, appstart.Sidecar{Name: name, ProcessTypes: []string{"web"}, HoldApp: true})
	}
	s.asks(asking...)
	return s.start("--app", strconv.Itoa(os.Getpid()))
}

// asks writes what sidecars ask of the app's process.
func (s *site) asks(sidecars ...appstart.Sidecar) {
	s.Helper()
	NewWithT(s.T).Expect(appstart.Write(s.directory, sidecars)).To(Succeed())
}

// askPorts starts the program as the first of so many proxies does.
func (s *site) askPorts(proxies int) *process {
	s.Helper()
	var asking []appstart.Sidecar
	for i := range proxies {
		asking = append(asking, appstart.Sidecar{Name: strconv.Itoa(i), ProcessTypes: []string{"web"}, ProxyCommand: fmt.Sprintf("proxy%d -- ", i)})
	}
	s.asks(asking...)
	return s.start("--ports", "proxy0 -- run")
}

// ports are all that it was told: its own, and those behind it.
func (p *process) ports() []string {
	_, list, _ := strings.Cut(p.wrote(), "export "+supervision.ProxyPorts+"='")
	return strings.Fields(strings.TrimSuffix(list, "'\n"))
}

// start starts the program.
func (s *site) start(args ...string) *process {
	s.Helper()
	return s.startCommand(exec.Command(filepath.Join(s.directory, "bin", "supervise"), args...))
}

func (s *site) startCommand(command *exec.Cmd) *process {
	s.Helper()
	Expect := NewWithT(s.T).Expect
	s.running++
	p := &process{site: s, Cmd: command, ended: make(chan struct{})}
	p.out, p.err = fmt.Sprintf("%s/out%d", s.directory, s.running), fmt.Sprintf("%s/err%d", s.directory, s.running)
	open := func(file *os.File, path string) *os.File {
		if file != nil {
			return file
		}
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		Expect(err).NotTo(HaveOccurred())
		return file
	}
	stdout, stderr := open(s.stdout, p.out), open(s.stderr, p.err)
	p.Env, p.Dir, p.Stdout, p.Stderr = s.environ, s.directory, stdout, stderr
	Expect(p.Start()).To(Succeed())
	go func() {
		defer close(p.ended)
		_ = p.Wait()
		_, _ = stdout.Close(), stderr.Close()
	}()
	s.Cleanup(func() { // before the site is cleared
		select {
		case <-p.ended:
		default:
			_ = p.Process.Kill()
			<-p.ended
		}
	})
	return p
}

func (p *process) isOver() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// status waits for the end, and is what a shell would say of it.
func (p *process) status() int {
	p.Helper()
	NewWithT(p.T).Eventually(p.isOver, "10m").Should(BeTrue(), func() string { return "still runs; it has said: " + p.said() })
	NewWithT(p.T).Expect(p.said()).NotTo(ContainSubstring("DATA RACE"))
	NewWithT(p.T).Expect(p.said()).NotTo(ContainSubstring("goroutine "))
	return exitStatus(p.ProcessState.Sys().(syscall.WaitStatus))
}

// cleanStatus expects that nothing is left then.
func (p *process) cleanStatus() int {
	p.Helper()
	status := p.status()
	NewWithT(p.T).Expect(p.living()).To(BeEmpty())
	return status
}

func (p *process) signal(sig syscall.Signal) {
	p.Helper()
	NewWithT(p.T).Expect(p.Process.Signal(sig)).To(Succeed())
}

// wrote is what came on its standard output, and said on its standard error.
func (p *process) wrote() string { return p.read(p.out) }
func (p *process) said() string  { return p.read(p.err) }

func (p *process) read(path string) string {
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err.Error()
	}
	return string(content)
}

// waitFor waits for a line on its standard output.
func (p *process) waitFor(line string) {
	p.Helper()
	NewWithT(p.T).Eventually(func() []string { return strings.Split(p.wrote(), "\n") }).Should(ContainElement(line), p.said)
}

// errNotYet is that what is waited for has not come.
var errNotYet = errors.New("not yet")

func splitLines(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") }

// listen has each connection served, until the spec is over.
func listen(t *testing.T, serve func(*net.TCPConn)) (port string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				serve(connection.(*net.TCPConn))
			}()
		}
	}()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

// answering gives the same answer to all, once they have asked.
func answering(t *testing.T, answer func() string) (port string) {
	t.Helper()
	return listen(t, func(connection *net.TCPConn) {
		_, _ = connection.Read(make([]byte, 4<<10))
		_, _ = connection.Write([]byte(answer()))
	})
}

const (
	ok          = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	unavailable = "HTTP/1.1 503 Service Unavailable\r\n\r\n"
)

// within bounds a hang.
func within(t *testing.T, timeout time.Duration, do func()) {
	t.Helper()
	began := time.Now()
	do()
	NewWithT(t).Expect(time.Since(began)).To(BeNumerically("<", timeout))
}
