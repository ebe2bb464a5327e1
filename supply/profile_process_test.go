package supply_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// shells are those of this machine that the script is to work in, each once; the
// lifecycle's is bash.
var shells = func() []string {
	shells := []string{"bash", "bash --posix"}
	bash, _ := exec.LookPath("bash")
	program, _ := filepath.EvalSymlinks(bash)
	known := []string{program}
	for _, name := range []string{"sh", "dash"} {
		found, _ := exec.LookPath(name)
		if shell, err := filepath.EvalSymlinks(found); err == nil && !slices.Contains(known, shell) {
			shells, known = append(shells, name), append(known, shell)
		}
	}
	return shells
}()

// javaHomes are the JVMs of this machine, each once.
func javaHomes() []string {
	candidates, _ := filepath.Glob("/usr/lib/jvm/*/bin/java")
	if java, err := exec.LookPath("java"); err == nil {
		candidates = append(candidates, java)
	}
	var homes []string
	for _, candidate := range append(candidates, filepath.Join(os.Getenv("JAVA_HOME"), "bin/java")) {
		if java, err := filepath.EvalSymlinks(candidate); err == nil {
			homes = append(homes, filepath.Dir(filepath.Dir(java)))
		}
	}
	slices.Sort(homes)
	return slices.Compact(homes)
}

// A process is one of an app that has sidecars: what sources the script, which the
// supply phase has written.
type process struct {
	*staging
	script  string
	argv    []string
	environ map[string]string
	before  string   // what other scripts do before
	command string   // of the process
	output  []string // the program that runs after the script, if it is asked what it prints
	traced  bool     // lets the shell itself write on standard error
}

// start is a process in a container with nothing but the script's tools on PATH.
func start(t *testing.T) *process {
	t.Helper()
	p := &process{staging: stage(t, "0"), command: "./app", argv: []string{"bash"}}
	p.write("app/sidecars.yml", "- name: config-server")
	NewWithT(t).Expect(p.staging.run()).To(Succeed())
	p.script = p.path("deps/0/profile.d/sidecar-runtime-limits.sh")

	NewWithT(t).Expect(os.Mkdir(p.path("tools"), 0o755)).To(Succeed())
	for _, tool := range []string{"env", "readlink"} {
		program, err := exec.LookPath(tool)
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		NewWithT(t).Expect(os.Symlink(program, p.path("tools/"+tool))).To(Succeed())
	}
	p.environ = map[string]string{
		"HOME": p.path("app"), "DEPS_DIR": p.path("deps"), "PATH": p.path("tools"), "MEMORY_LIMIT": "768m", "LANG": "C.UTF-8",
	}
	return p
}

func (p *process) shell(shell string) {
	p.argv = strings.Fields(shell)
}

// program leaves something that can be run.
func (p *process) program(path string) {
	p.t.Helper()
	p.write(path, "#!/bin/sh\n")
	NewWithT(p.t).Expect(os.Chmod(p.path(path), 0o755)).To(Succeed())
}

// jvm leaves a JVM with this release file.
func (p *process) jvm(path, release string) {
	p.t.Helper()
	p.program(path + "/bin/java")
	p.write(path+"/release", release)
}

// machine lets the script see a machine with this memory in MB, and without
// control groups, in the place of this one.
func (p *process) machine(mb int) {
	p.t.Helper()
	Expect := NewWithT(p.t).Expect
	p.write("machine/proc/meminfo", fmt.Sprintf("MemFree:  1 kB\nMemTotal:       %8d kB\nSwapTotal: 1 kB\n", mb*1024))
	content, err := os.ReadFile(p.path("deps/0/profile.d/sidecar-runtime-limits.sh"))
	Expect(err).NotTo(HaveOccurred())
	for _, directory := range []string{"/proc/", "/sys/fs/cgroup"} {
		Expect(bytes.Count(content, []byte(directory))).To(BeNumerically(">", 1))
		content = bytes.ReplaceAll(content, []byte(directory), []byte("$MACHINE"+directory))
	}
	p.write("machine/script.sh", string(content))
	p.script = p.path("machine/script.sh")
	p.environ["MACHINE"] = p.path("machine")
}

// source is the line that sources the script.
func (p *process) source() string {
	return ". '" + p.script + "'"
}

// An outcome is what the script has done to a process.
type outcome struct {
	before, after map[string]string // the environment
	printed       string            // by the program that ran after it
}

// changed is what the environment has got, or lost: the value is then "unset".
func (o outcome) changed() map[string]string {
	changed := maps.Clone(o.after)
	for name, value := range o.before {
		if now, ok := o.after[name]; !ok {
			changed[name] = "unset"
		} else if now == value {
			delete(changed, name)
		}
	}
	return changed
}

// run sources the script and checks what holds always: it ends with status 0,
// says nothing, and leaves nothing behind but variables of the environment.
func (p *process) run() outcome {
	p.t.Helper()
	Expect := NewWithT(p.t).Expect
	results := p.t.TempDir()
	env := p.path("tools/env")
	state := "{ set +o; pwd; umask; printf '<%s>' \"$#\" \"$@\" \"${IFS-none}\"; " +
		"if [ -n \"${BASH_VERSION-}\" ]; then shopt || :; fi; trap; alias || :; } 2>&1"
	lines := []string{
		p.before,
		state + ` >|'` + results + `/state-before'`,
		`'` + env + `' -0 >|'` + results + `/before'`,
		p.source() + ` >|'` + results + `/said' 2>&1`,
		`echo "$?" >|'` + results + `/status'`,
		`'` + env + `' -0 >|'` + results + `/after'`,
		state + ` >|'` + results + `/state-after'`,
		`set >|'` + results + `/set'`,
	}
	if len(p.output) > 0 {
		lines = append(lines, `exec '`+strings.Join(p.output, `' '`)+`'`)
	}

	timeout, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	shell := exec.CommandContext(timeout, p.argv[0], append(slices.Clone(p.argv[1:]), "-c", strings.Join(lines, "\n"), "launcher", p.environ["HOME"], p.command)...)
	shell.Dir = p.path("app")
	shell.Env = []string{}
	for name, value := range p.environ {
		shell.Env = append(shell.Env, name+"="+value)
	}
	printed, err := shell.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s", printed)

	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(results, name))
		Expect(err).NotTo(HaveOccurred(), "%s", printed)
		return string(content)
	}
	if !p.traced {
		Expect(read("said")).To(BeEmpty())
		if len(p.output) == 0 {
			Expect(string(printed)).To(BeEmpty())
		}
	}
	Expect(read("status")).To(Equal("0\n"))
	Expect(read("state-after")).To(Equal(read("state-before")))
	Expect(read("set")).NotTo(ContainSubstring("_sidecars_"))
	return outcome{before: environment(read("before")), after: environment(read("after")), printed: string(printed)}
}

// environment is what env -0 has written, but for the variable in which the shell
// tells env its own path.
func environment(content string) map[string]string {
	variables := map[string]string{}
	for _, variable := range strings.Split(strings.TrimSuffix(content, "\x00"), "\x00") {
		name, value, _ := strings.Cut(variable, "=")
		if name != "_" {
			variables[name] = value
		}
	}
	return variables
}
