package buildpack_test

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/buildpack"
)

// The main function of a buildpack that needs no hooks. It is built once, and copied to bin as
// detect, supply, finalize and release.
func ExampleMain() {
	main := func() {
		buildpack.Main()
	}
	_ = main // it ends the process
}

// A hook refuses an app without the file that the sidecar needs.
func ExampleHooks_judged() {
	push := examplePush(map[string]string{"app/sidecars.yml": "- name: agent\n"})
	defer os.RemoveAll(push)
	status := exampleSupply(push, buildpack.Hooks{Judged: func(j *buildpack.Judged) error {
		for _, s := range j.Sidecars {
			if _, err := fs.Stat(j.App, "agent.yml"); s.Name == "agent" && err != nil {
				return fmt.Errorf("sidecar %s: found no agent.yml; expected one in the app's root", s.Name)
			}
		}
		return nil
	}})
	fmt.Println(status)
	// Output: 225
}

// A hook reserves more memory for a large app. The app's own value wins.
func ExampleJudged_Declare() {
	push := examplePush(map[string]string{"app/sidecars.yml": "- name: agent\n", "app/large.jar": "…"})
	defer os.RemoveAll(push)
	exampleSupply(push, buildpack.Hooks{Judged: func(j *buildpack.Judged) error {
		if _, err := fs.Stat(j.App, "large.jar"); err == nil {
			j.Declare("[{name: agent, memory: 64M}]")
		}
		return nil
	}})
	printFile(push, "deps/0/launch.yml")
	// Output:
	// processes:
	//     - type: agent
	//       command: ./agent
	//       limits:
	//         memory: 64
	//       platforms:
	//         cloudfoundry:
	//             sidecar_for: [web]
}

// One hook writes a file, and another one passes its path to the sidecar's command.
func ExampleHooks() {
	push := examplePush(map[string]string{"app/sidecars.yml": "- name: agent\n"})
	defer os.RemoveAll(push)
	exampleSupply(push, buildpack.Hooks{
		Installed: func(i *buildpack.Installed) error {
			return os.WriteFile(filepath.Join(i.Directory, "settings.txt"), []byte("stack "+i.Stack+"\n"), 0o600)
		},
		Launching: func(l *buildpack.Launching) error {
			for i, p := range l.Processes {
				if p.Type == "agent" {
					l.Processes[i].Command += " --settings " + l.AtStart("settings.txt")
				}
			}
			return nil
		},
	})
	printFile(push, "deps/0/settings.txt")
	printFile(push, "deps/0/launch.yml")
	// Output:
	// stack cflinuxfs4
	// processes:
	//     - type: agent
	//       command: ./agent --settings "$DEPS_DIR/0/settings.txt"
	//       limits:
	//         memory: 16
	//       platforms:
	//         cloudfoundry:
	//             sidecar_for: [web]
}

// examplePush makes the directories of a push, and a buildpack with one sidecar in its catalog.
func examplePush(files map[string]string) string {
	directory, err := os.MkdirTemp("", "push")
	if err != nil {
		panic(err)
	}
	for name, content := range map[string]string{
		"buildpack/buildpack.toml": "[buildpack]\nid = 'mine'\nname = 'Mine'\n[[metadata.sidecars]]\nname = 'agent'\ncommand = './agent'\nmemory = '16M'\n",
		"buildpack/manifest.yml":   "language: mine\n", "buildpack/VERSION": "1.0.0\n", "deps/0/.keep": "", "cache/.keep": "",
	} {
		write(filepath.Join(directory, name), content)
	}
	for name, content := range files {
		write(filepath.Join(directory, name), content)
	}
	return directory
}

func write(path, content string) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		panic(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		panic(err)
	}
}

// exampleSupply calls bin/supply as the platform does, and returns its exit code.
func exampleSupply(push string, hooks buildpack.Hooks) int {
	args := []string{push + "/buildpack/bin/supply", push + "/app", push + "/cache", push + "/deps", "0"}
	return buildpack.Supply(args, []string{"CF_STACK=cflinuxfs4"}, io.Discard, io.Discard, hooks)
}

func printFile(push, name string) {
	content, err := os.ReadFile(filepath.Join(push, name))
	if err != nil {
		panic(err)
	}
	fmt.Print(string(content))
}
