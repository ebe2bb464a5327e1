package dryrun

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"

	"code.cloudfoundry.org/buildpackapplifecycle/buildpackrunner/resources"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/shellscript"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/executable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// otherIndex matches directories below deps in a command.
var otherIndex = regexp.MustCompile(`(?:/home/vcap/deps|\$\{?DEPS_DIR\}?"?)/([0-9]+)\b`)

// command finds commands that cannot run, or that use another buildpack's directory.
func (w *written) command(p resources.Process, add func(id, format string, args ...any)) {
	file, problem := shellscript.Parse([]byte(p.Command))
	if problem != nil {
		add(finding.LaunchCommand, "a command that bash cannot read: %s", problem.Found)
		return
	}
	if file != nil && shellscript.EndsInBackground(file) {
		add(finding.LaunchCommand, "a command that ends at once, since its last part runs in the background: the app ends with its sidecar (CF-17)")
	}
	if file != nil && len(p.Platforms.Cloudfoundry.SidecarFor) > 0 {
		w.programs(shellscript.Programs(file, launchVariables), add)
	}
	for _, match := range otherIndex.FindAllStringSubmatch(p.Command, -1) {
		if match[1] != w.index && !w.into.Has(finding.IndexFixed, "") {
			add(finding.IndexFixed, "%s, where the index is %s", match[0], w.index)
		}
	}
}

// launchVariables are variables of every process (CF-14).
var launchVariables = map[string]string{"DEPS_DIR": launchDeps, "HOME": "/home/vcap/app"}

const launchDeps = "/home/vcap/deps"

// programs finds programs of a command that the droplet does not have, or that cannot be run.
func (w *written) programs(paths []string, add func(id, format string, args ...any)) {
	for _, file := range paths {
		name, ok := strings.CutPrefix(path.Clean(file), launchDeps+"/"+w.index+"/")
		if !ok {
			continue
		}
		if found, right := unusable(w.root, name); found != "" {
			at := "the program deps/" + w.index + "/" + name
			if right != "" {
				found += "; expected " + right
			}
			add(finding.LaunchProgram, "%s: %s", at, found)
		}
	}
}

// unusable says why a program cannot be run; empty if it can, as far as its file tells.
func unusable(root *os.Root, name string) (found, right string) {
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file", ""
	case err != nil:
		return "", "" // a link out of the directory
	case !info.Mode().IsRegular():
		return "not a regular file", ""
	case info.Mode()&0o111 == 0:
		return "mode " + info.Mode().Perm().String(), ""
	}
	file, err := regularfile.OpenIn(root, name)
	if err != nil {
		return "", ""
	}
	defer file.Close()
	_, err = executable.Inspect(file, "amd64")
	var cannot *executable.Error
	if errors.As(err, &cannot) && !cannot.Uncertain {
		return cannot.Found, cannot.Want
	}
	return "", ""
}
