package packaged

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/shellscript"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/executable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// phases are the programs that the platform runs (CF-01).
var phases = []string{"compile", "detect", "finalize", "release", "supply"}

// onStack are the interpreters of the stacks, and stackDirectories where they are.
var onStack = []string{"sh", "bash", "dash", "ruby", "python3", "perl", "awk", "env", "sed"}

var stackDirectories = []string{"/bin", "/usr/bin"}

// checkPrograms checks the programs of bin, and the scripts that processes would source.
func (b *Buildpack) checkPrograms() {
	b.checkModes()
	for _, name := range phases {
		if file := path.Join("bin", name); b.has(file) {
			b.checkProgram(file)
		}
	}
	_ = fs.WalkDir(b.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // reported where the file is needed
		}
		if entry.IsDir() && (slices.Contains(neverPacked, name) || slices.Contains(notRun, path.Base(name))) {
			return fs.SkipDir
		}
		if slices.Contains(sourcedIn, path.Base(path.Dir(name))) && entry.Type().IsRegular() && path.Ext(name) == ".sh" {
			if content, err := regularfile.ReadFS(b.FS, name, shellscript.MaxSize); err == nil {
				CheckProfile(b.into, finding.Finding{File: name}, content)
				b.checkIndex(name, content)
			}
		}
		return nil
	})
}

// isNotRun reports whether a file is in a directory that does not reach an app.
func isNotRun(name string) bool {
	return slices.ContainsFunc(strings.Split(path.Dir(name), "/"), func(part string) bool { return slices.Contains(notRun, part) })
}

// sourcedIn are the names of directories whose scripts the launcher sources, or a buildpack
// copies to where it does; notRun are directories of a checkout that do not come to an app.
var (
	sourcedIn = []string{"profile.d", ".profile.d"}
	notRun    = []string{"vendor", "fixtures", "test", "tests", "testdata", "spec", "examples", "node_modules"}
)

// checkModes finds the programs that are not executable: all of a zip that keeps no modes.
func (b *Buildpack) checkModes() {
	var found []string
	first := finding.Finding{}
	for _, name := range phases {
		file := path.Join("bin", name)
		info, err := fs.Stat(b.FS, file)
		if err != nil || !info.Mode().IsRegular() || info.Mode()&0o111 != 0 {
			continue
		}
		if first.File == "" {
			first = finding.Finding{File: file, Found: "mode " + info.Mode().Perm().String()}
			continue
		}
		found = append(found, file)
	}
	if len(found) > 0 {
		first.Found += ", and so have " + strings.Join(found, ", ")
	}
	if first.File != "" {
		b.add(finding.NotExecutable, first)
	}
}

func (b *Buildpack) checkProgram(file string) {
	content, err := regularfile.ReadFS(b.FS, file, 1<<30)
	if err != nil {
		return
	}
	found, err := executable.Inspect(bytes.NewReader(content), "amd64")
	var unusable *executable.Error
	switch {
	case errors.As(err, &unusable):
		b.add(finding.CannotRun, finding.Finding{File: file, Line: 1, Found: unusable.Found, Right: unusable.Want})
	case err == nil && bytes.HasPrefix(content, []byte("#!")):
		b.checkScript(file, found, content)
	}
}

func (b *Buildpack) checkScript(file string, program executable.Info, content []byte) {
	interpreter := path.Base(program.Interpreter)
	if program.Lookup != "" {
		interpreter = program.Lookup
	}
	there := slices.Contains(stackDirectories, path.Dir(program.Interpreter))
	if !there {
		interpreter = program.Interpreter
	}
	if !there || !slices.Contains(onStack, interpreter) {
		b.add(finding.CannotRun, finding.Finding{File: file, Line: 1, Found: fmt.Sprintf("the interpreter %s, which the stacks do not have", interpreter)})
	}
	if shellscript.Language(content) == "" || len(content) > shellscript.MaxSize {
		return
	}
	if line := shellscript.WindowsLine(content); line > 0 {
		b.add(finding.ScriptSyntax, finding.Finding{File: file, Line: line, Found: windowsFound, Right: windowsRight})
		return
	}
	script, problem := shellscript.Parse(content)
	if problem != nil {
		b.add(finding.ScriptSyntax, finding.Finding{File: file, Line: problem.Line, Found: problem.Found})
		return
	}
	if script == nil {
		return
	}
	if shellscript.Language(content) == "sh" {
		if problem := shellscript.OnlyBash(script); problem != nil {
			b.add(finding.ScriptSyntax, finding.Finding{File: file, Line: problem.Line, Found: problem.Found + " in a script for sh, which is dash on the stacks", Right: "#!/bin/bash in the first line, or what POSIX has"})
			return
		}
	}
	for _, call := range shellscript.NeedsRoot(script) {
		b.add(finding.NeedsRoot, finding.Finding{File: file, Line: call.Line, Found: call.Found})
	}
	b.checkIndex(file, content)
}
