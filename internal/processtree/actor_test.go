package processtree_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

// roles are what the test binary does in a process of its own, by its arguments; each
// says so when it is done, and then waits for its standard input to end.
var roles = map[string]func() int{
	"name": func() int { return act(os.WriteFile("/proc/self/comm", []byte(os.Args[1]), 0)) },
	"map":  func() int { return act(mapFile(os.Args[1], unix.MAP_SHARED)) },
	"copy": func() int { return act(mapFile(os.Args[1], unix.MAP_PRIVATE)) },
	"fork": func() int { return act(startOther()) },
}

func act(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("done")
	_, _ = os.Stdin.Read(make([]byte, 1))
	return 0
}

// mapped keeps what has been mapped.
var mapped []byte

// mapFile maps a file and reads all of it; what is mapped privately is written to.
func mapFile(path string, kind int) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	mapped, err = unix.Mmap(int(file.Fd()), 0, int(info.Size()), unix.PROT_READ|unix.PROT_WRITE, kind)
	sum := byte(0)
	for i := 0; err == nil && i < len(mapped); i += os.Getpagesize() {
		sum += mapped[i]
		if kind == unix.MAP_PRIVATE {
			mapped[i] = 1
		}
	}
	if sum == 1 {
		return fmt.Errorf("found another file than the tests have made")
	}
	return err
}

// startOther starts the role that the arguments name, and hands it its standard input
// and output.
func startOther() error {
	other := exec.Command("/proc/self/exe", os.Args[2:]...)
	other.Env = append(os.Environ(), roleVariable+"="+os.Args[1])
	other.Stdin, other.Stdout, other.Stderr = os.Stdin, os.Stdout, os.Stderr
	return other.Start()
}

// start starts a role, and returns its process when it and so many others below it
// have said that they are done.
func start(t *testing.T, others int, role string, args ...string) processtree.Process {
	t.Helper()
	Expect := NewWithT(t).Expect
	self, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	command := exec.Command(self, args...)
	command.Env = append(os.Environ(), roleVariable+"="+role)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	Expect(err).NotTo(HaveOccurred())
	stdout, err := command.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(command.Start()).To(Succeed())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = command.Wait()
	})
	lines := bufio.NewReader(stdout)
	for range others + 1 {
		line, err := lines.ReadString('\n')
		Expect(err).NotTo(HaveOccurred(), "%s %s", role, strings.Join(args, " "))
		Expect(line).To(Equal("done\n"))
	}
	process, ok := processtree.Find(command.Process.Pid)
	Expect(ok).To(BeTrue())
	return process
}
