package integration_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testNoted starts processes of an app whose sidecars ask it for variables alone, with the real
// launcher: once as it was staged, where no program of the buildpack is to be started, and once
// with the supervisor's program asked for all.
func testNoted(t *testing.T, context spec.G, it spec.S) {
	const (
		sidecars = `
- name: a
  command: ./a.sh
  process_types: [web, worker]
  app-env:
    PLAIN: it's "$HOME" \ ` + "`id`" + ` $(id)
    REFERS: ${MISSING:-other} $GIVEN ${PLAIN} $
    NODE_OPTIONS: {append: --no-warnings}
    LIST: {prepend: x, separator: ","}
    GIVEN: sidecar's
- {name: b, command: ./a.sh, process_types: [web], app-env: {PLAIN: second, LIST: {append: "y,z", separator: ","}, MORE: b}}
- {name: c, command: ./a.sh, process_types: [clock]}
`
		asked = "_sidecars_asked="
	)
	var Expect = NewWithT(t).Expect

	// staged are the directories of the droplet with what was noted, and with the program instead.
	staged := func() (prepared, program string) {
		directory := app(t, map[string]string{
			"Procfile": "web: ./a.sh\nworker: ./a.sh\nclock: ./a.sh\n", "a.sh": "#!/bin/sh\nexec env\n", "sidecars.yml": sidecars,
			"manifest.yml": "applications:\n- name: app\n  memory: 256M\n",
		})
		droplet := filepath.Join(stage(t, directory).droplet, "droplet.tgz")
		prepared, program = t.TempDir(), t.TempDir()
		for _, to := range []string{prepared, program} {
			output, err := exec.Command("tar", "-xzf", droplet, "-C", to).CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(output))
		}
		script := filepath.Join(program, "profile.d", "0_sidecars.sh")
		content, err := os.ReadFile(script)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(content)).To(ContainSubstring("\n" + asked + "noted\n"))
		Expect(os.WriteFile(script, bytes.Replace(content, []byte(asked+"noted\n"), []byte(asked+"yes\n"), 1), 0o600)).To(Succeed())
		return prepared, program
	}
	// variables are those of a process, and what it has said.
	variables := func(directory, command, application string) string {
		launcher := exec.Command(filepath.Join(built.lifecycle, "launcher"), "app", command, "")
		launcher.Dir = directory
		launcher.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "MEMORY_LIMIT=256m", "PORT=8080", "GIVEN=app's", "LIST=l"}
		if application != "" {
			launcher.Env = append(launcher.Env, "VCAP_APPLICATION="+application)
		}
		output, err := launcher.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		return strings.ReplaceAll(string(output), directory, "/droplet")
	}
	const show = `env | grep -v "^\(_\|SHLVL\|VCAP_APPLICATION\)=" | sort; set | grep ^_sidecars | grep -v "^_sidecars_unset" || :`

	it("has the same variables as the program would set, whatever VCAP_APPLICATION looks like", func() {
		prepared, program := staged()
		for _, application := range []string{
			`{"name":"a","process_type":"web"}`, `{"name":"a", "process_type": "worker", "limits":{"mem":256}}`, `{"process_type":"clock"}`, `{"process_type":"other"}`,
			``, `{}`, `{"name":"a task"}`, `{"process_type":"w\u0065b"}`, `{"process_type":""}`, `{"process_type":null}`, `{ "process_type" : "web" }`, "{\n\t\"process_type\":\t\"web\"\n}",
			`{"name":"\"process_type\":\"web\"","process_type":"worker"}`, `{"x\"process_type":"web","process_type":"worker"}`, `{"x\"process_type":"web"}`,
			`{"name":"process_type","process_type":"worker"}`, `{"process_type":"web","process_type":"worker"}`, `{"process_type":"../web"}`, `{"process_type":"*"}`,
			`{"process_type":"web"`, `{"process_type":["web"]}`, `s3cret`,
		} {
			Expect(variables(prepared, show, application)).To(Equal(variables(program, show, application)), application)
		}
		Expect(variables(prepared, "./a.sh", `{"process_type":"web"}`)).To(Equal(variables(program, "./a.sh", `{"process_type":"web"}`)), "a sidecar")
	})

	it("starts no program of the buildpack in a process that says its type", func() {
		prepared, _ := staged()
		Expect(os.RemoveAll(filepath.Join(prepared, "deps", "0", "bin"))).To(Succeed())
		said := variables(prepared, show, `{"process_type":"web"}`)
		Expect(said).To(And(
			ContainSubstring("PLAIN=it's \"/droplet/app\" \\ `id` $(id)\n"), ContainSubstring("LIST=x,l,y,z\n"), ContainSubstring("GIVEN=app's\n"), ContainSubstring("MORE=b\n"),
			MatchRegexp(`(?m)^NODE_OPTIONS=.*--no-warnings$`), Not(ContainSubstring("supervise")),
		))
		Expect(variables(prepared, show, `{"process_type":"worker"}`)).To(And(ContainSubstring("LIST=x,l\n"), Not(ContainSubstring("MORE="))))
		Expect(variables(prepared, show, `{"process_type":"clock"}`)).NotTo(ContainSubstring("PLAIN="))
	})
}
