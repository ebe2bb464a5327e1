//go:build linux

package container

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

// makerVariable has the test program make one container, as JSON says, instead of running
// the specs.
const makerVariable = "CONTAINER_TEST_MAKER"

// A maker is a program that makes one container and waits for the end of its input. On its
// output it says what the container lacks.
type maker struct {
	Root, Tmp string
	Visible   []string
	Sealed    bool
	Network   bool
	Command   string // bash
	// Exit has it end when the command does.
	Exit bool
}

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == InitName {
		os.Exit(Init(os.Args, os.Environ(), os.Stdout, os.Stderr))
	}
	if text := os.Getenv(makerVariable); text != "" {
		if err := runMaker(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(testmain.Run(m.Run))
}

func runMaker(text string) error {
	var m maker
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c, err := New(Spec{Init: self, Name: "test", Root: m.Root, Tmp: m.Tmp, Visible: m.Visible, Sealed: m.Sealed, Network: m.Network})
	if err != nil {
		return err
	}
	defer c.Destroy()
	fmt.Println("home:", c.HomeError, "tmp:", c.TmpError)
	p, err := c.Start(Command{
		Path: "/bin/bash", Args: []string{"bash", "-c", m.Command}, Dir: c.Inside(m.Root), Env: []string{"PATH=" + os.Getenv("PATH")},
		Stdout: os.Stdout, Stderr: os.Stderr,
	})
	if err != nil {
		return err
	}
	if m.Exit {
		p.Wait()
		return nil
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// command is a maker that is not yet started, behind a program that becomes it, if there
// is one.
func (m maker) command(t *testing.T, before ...string) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(m)
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	all := append(before, self(t))
	command := exec.Command(all[0], all[1:]...)
	command.Env = append(os.Environ(), makerVariable+"="+string(text))
	return command
}

func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	gomega.NewWithT(t).Expect(err).NotTo(gomega.HaveOccurred())
	return path
}

// needNamespaces skips a spec where the kernel or the machine's operator allows no mount
// namespace, as another program finds it.
func needNamespaces(t *testing.T) {
	t.Helper()
	flags := []string{"--mount", "true"}
	if os.Getuid() != 0 {
		flags = append([]string{"--user", "--map-root-user"}, flags...)
	}
	if output, err := exec.Command("unshare", flags...).CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("CI has to allow mount namespaces: %s", output)
		}
		t.Skipf("this machine allows no mount namespace: %s", strings.TrimSpace(string(output)))
	}
}

func TestContainer(t *testing.T) {
	suite := spec.New("container", spec.Report(report.Terminal{}))
	suite("Container", testContainer)
	suite("Namespace", testNamespace)
	suite("Sealed", testSealed)
	suite.Run(t)
}
