package integration_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
)

// app writes an app's files into a new directory. A file whose name ends in .sh
// can be run.
func app(t *testing.T, files map[string]string) string {
	t.Helper()
	directory := t.TempDir()
	for name, content := range files {
		mode := os.FileMode(0o644)
		if strings.HasSuffix(name, ".sh") {
			mode = 0o755
		}
		path := filepath.Join(directory, name)
		NewWithT(t).Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		NewWithT(t).Expect(os.WriteFile(path, []byte(content), mode)).To(Succeed())
	}
	return directory
}

// longStart gives the app of a manifest the most time to start that the platform allows by default: a busy machine may take
// longer than the usual minute for a JVM.
func longStart(manifest []byte) []byte {
	name := regexp.MustCompile(`(?m)^- name: .*$`)
	return []byte(strings.Replace(string(manifest), name.FindString(string(manifest)), name.FindString(string(manifest))+"\n  timeout: 180", 1))
}

// buildpack is the path of one of the suite's own buildpacks.
func buildpack(name string) string {
	return filepath.Join(built.root, "integration", "testdata", "buildpacks", name)
}

// A session is one run of sidecar.
type session struct {
	*gexec.Session
	t   *testing.T
	tmp string // its TMPDIR, where nothing may be left
}

// sidecar starts the command line tool, with the platform's own lifecycle, in a
// directory.
func sidecar(t *testing.T, directory string, args ...string) *session {
	t.Helper()
	if slices.Contains([]string{"push", "stage", "run"}, args[0]) {
		args = append(args, "--lifecycle", built.lifecycle)
	}
	return startSidecar(t, directory, nil, args...)
}

func startSidecar(t *testing.T, directory string, environ []string, args ...string) *session {
	t.Helper()
	return start(t, directory, environ, exec.Command(built.sidecar, args...))
}

func start(t *testing.T, directory string, environ []string, command *exec.Cmd) *session {
	t.Helper()
	inTime(t)
	s := &session{t: t, tmp: t.TempDir()}
	command.Dir = directory
	command.Env = append(append(os.Environ(), "TMPDIR="+s.tmp), environ...)
	var err error
	s.Session, err = gexec.Start(command, nil, nil)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() {
		// A spec that failed has not stopped it.
		s.Terminate()
		select {
		case <-s.Exited:
		case <-time.After(2 * time.Minute):
			s.Kill()
		}
	})
	return s
}

// await waits for the end of a run that ends by itself.
func (s *session) await() {
	s.t.Helper()
	NewWithT(s.t).Eventually(s.Session, "30m").Should(gexec.Exit(), s.log) // a script may build for long, and a check stages nine times
}

func (s *session) log() string {
	return string(s.Out.Contents())
}

// expectLine waits for a log line of a source.
func (s *session) expectLine(source, text string) {
	s.t.Helper()
	NewWithT(s.t).Eventually(s.log).Should(ContainSubstring("["+source+"] OUT "+text), func() string { return s.log() + string(s.Err.Contents()) })
}

var up = regexp.MustCompile(` is up at (http://127\.0\.0\.1:[0-9]+)\n`)

// url waits until the app is up.
func (s *session) url() string {
	s.t.Helper()
	NewWithT(s.t).Eventually(s.log).Should(MatchRegexp(up.String()), func() string { return s.log() + string(s.Err.Contents()) })
	return up.FindStringSubmatch(s.log())[1]
}

// get asks the app, and returns the body of an answer with status 200.
func (s *session) get(path string) string {
	s.t.Helper()
	body := ""
	NewWithT(s.t).Eventually(func() error {
		var err error
		body, err = get(s.url() + path)
		return err
	}).Should(Succeed(), s.log)
	return body
}

func get(url string) (string, error) {
	response, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return string(body), err
}

// stop ends the run as its user would, and makes sure that nothing is left.
func (s *session) stop() {
	s.t.Helper()
	NewWithT(s.t).Eventually(s.Terminate()).Should(gexec.Exit(0), s.log)
	s.expectNothingLeft()
}

// end ends a run whose instances crash again and again. It may have ended by itself: sidecar push
// gives up, with status 1, after the third crash if no instance of a process ever ran for three
// seconds, and a slow machine may let that happen before a spec has seen the first crash.
func (s *session) end() {
	s.t.Helper()
	NewWithT(s.t).Eventually(s.Terminate()).Should(gexec.Exit(), s.log)
	s.expectNothingLeft()
}

func (s *session) expectNothingLeft() {
	s.t.Helper()
	Expect := NewWithT(s.t).Expect
	Expect(os.ReadDir(s.tmp)).To(BeEmpty())
	Expect(processesIn(s.tmp)).To(BeEmpty())
}

// processesIn finds the processes that work in a directory.
func processesIn(directory string) []string {
	var found []string
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		if isIn(process, directory) {
			command, _ := os.ReadFile(filepath.Join(process, "cmdline"))
			found = append(found, strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
	return found
}

// isIn tells whether the TMPDIR of a process is below a directory, or whether it sees a
// part of it as its own /home/vcap or /tmp.
func isIn(process, directory string) bool {
	environ, _ := os.ReadFile(filepath.Join(process, "environ")) // it may have ended
	mounts, _ := os.ReadFile(filepath.Join(process, "mountinfo"))
	return strings.Contains("\x00"+string(environ), "\x00TMPDIR="+directory+"/") || mountsBelow(string(mounts), directory)
}

// mountsBelow tells whether a part of a directory is mounted, by what mountinfo says: the
// fourth field is where it is in its own file system.
func mountsBelow(mountinfo, directory string) bool {
	for line := range strings.Lines(mountinfo) {
		fields := strings.Fields(line)
		if len(fields) < 5 || fields[4] != "/home/vcap" && fields[4] != "/tmp" {
			continue
		}
		parts := strings.Split(directory, "/")
		for i := 1; i < len(parts); i++ { // its file system may be mounted anywhere
			if strings.HasPrefix(fields[3], "/"+strings.Join(parts[i:], "/")+"/") {
				return true
			}
		}
	}
	return false
}

// A result is what staging leaves for Cloud Controller.
type result struct {
	ProcessTypes map[string]string `json:"process_types"`
	Sidecars     []struct {
		Name         string   `json:"name"`
		ProcessTypes []string `json:"process_types"`
		Command      string   `json:"command"`
		Memory       int      `json:"memory"`
	} `json:"sidecars"`
	Lifecycle struct {
		Buildpacks []struct {
			Key     string `json:"key"`
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"buildpacks"`
	} `json:"lifecycle_metadata"`

	droplet string // the droplet's directory
	log     string
}

// stage stages an app and returns the staging result.
func stage(t *testing.T, directory string, args ...string) result {
	t.Helper()
	staged, _ := stageWith(t, 0, directory, args...)
	return staged
}

// stageRefused stages an app whose droplet the platform would refuse to run, with a message
// that says why.
func stageRefused(t *testing.T, refusal, directory string, args ...string) result {
	t.Helper()
	staged, message := stageWith(t, 1, directory, args...)
	NewWithT(t).Expect(message).To(And(ContainSubstring(" is staged, and the platform refuses to run "), ContainSubstring(refusal)))
	return staged
}

// stageWith stages an app, and reads the droplet that is left with this exit code, and what
// was said on standard error.
func stageWith(t *testing.T, code int, directory string, args ...string) (staged result, message string) {
	t.Helper()
	output := filepath.Join(t.TempDir(), "droplet")
	s := sidecar(t, directory, append([]string{"stage", "-o", output}, args...)...)
	NewWithT(t).Eventually(s.Session).Should(gexec.Exit(code), func() string { return s.log() + string(s.Err.Contents()) })
	s.expectNothingLeft()
	content, err := os.ReadFile(filepath.Join(output, "result.json"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	staged = result{droplet: output, log: s.log()}
	NewWithT(t).Expect(json.Unmarshal(content, &staged)).To(Succeed())
	return staged, string(s.Err.Contents())
}

// failToStage stages an app that cannot be, and returns the log and what was
// said on standard error.
func failToStage(t *testing.T, status int, directory string, args ...string) (log, message string) {
	t.Helper()
	output := filepath.Join(t.TempDir(), "droplet")
	s := sidecar(t, directory, append([]string{"stage", "-o", output}, args...)...)
	NewWithT(t).Eventually(s.Session).Should(gexec.Exit(status), func() string { return s.log() + string(s.Err.Contents()) })
	s.expectNothingLeft()
	NewWithT(t).Expect(output).NotTo(BeADirectory())
	return s.log(), string(s.Err.Contents())
}

// file reads a file of a droplet.
func (r result) file(t *testing.T, name string) string {
	t.Helper()
	content, err := exec.Command("tar", "-xzOf", filepath.Join(r.droplet, "droplet.tgz"), "./"+name).CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(content))
	return string(content)
}

// files lists a droplet.
func (r result) files(t *testing.T) []string {
	t.Helper()
	list, err := exec.Command("tar", "-tzf", filepath.Join(r.droplet, "droplet.tgz")).CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(list))
	return strings.Split(strings.TrimSpace(string(list)), "\n")
}
