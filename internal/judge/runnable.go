package judge

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/executable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// CheckInstalled refuses an unpacked program that can never run, and warns of
// one that may not run. No one changes it after the staging.
func (c Commands) CheckInstalled(files fs.FS, name string) (warning string, err error) {
	program, err := inspect(files, name)
	var wrong *executable.Error
	switch {
	case errors.As(err, &wrong) && wrong.Uncertain:
		return fmt.Sprintf("The program %s may not run: %s", printable.Name(name), wrong), nil
	case err != nil:
		return "", fmt.Errorf("%q cannot run: %w", name, err)
	}
	if missing := missingInterpreter(program); missing != "" {
		return "", fmt.Errorf("%q cannot run: found the interpreter %q, which this stack does not have; expected a program for this stack%s", name, missing, muslAdvice(missing))
	}
	if program.Lookup != "" && !c.finds(program.Lookup) {
		return fmt.Sprintf("The script %s may not run: found no program %s on PATH, which its first line asks for; expected one of the stack or of a buildpack",
			printable.Name(name), printable.Name(program.Lookup)), nil
	}
	return "", nil
}

// inspect tells whether a regular file can run.
func inspect(files fs.FS, name string) (executable.Info, error) {
	file, err := files.Open(name)
	if err != nil {
		return executable.Info{}, err
	}
	defer file.Close() // it was only read
	content, ok := file.(io.ReaderAt)
	if !ok { // of an archive
		head, err := regularfile.ReadFS(files, name, maxInspected)
		if err != nil {
			return executable.Info{}, err
		}
		content = strings.NewReader(string(head))
	}
	return executable.Inspect(content, runtime.GOARCH)
}

// maxInspected is the most of a file in an archive that is unpacked to look at it, in
// bytes.
const maxInspected = 256 << 20

// missingInterpreter is the interpreter of a program where this machine has none, or
// empty.
func missingInterpreter(program executable.Info) string {
	if path.IsAbs(program.Interpreter) && isMissing(program.Interpreter) {
		return program.Interpreter
	}
	return ""
}

// isMissing tells that nothing is in an absolute place, and that nothing will be: what
// is below these directories is put there before the start.
func isMissing(name string) bool {
	for _, later := range []string{"/home/vcap/", "/tmp/"} {
		if strings.HasPrefix(path.Clean(name), later) {
			return false
		}
	}
	_, err := os.Stat(name)
	return errors.Is(err, fs.ErrNotExist)
}

// muslAdvice says more of the dynamic linker that people meet most.
func muslAdvice(interpreter string) string {
	if strings.HasPrefix(filepath.Base(interpreter), "ld-musl-") {
		return ", such as its release for glibc: this one is for Alpine Linux (musl)"
	}
	return ""
}

// finds tells whether a program is on PATH, or may be brought there.
func (c Commands) finds(name string) bool {
	if len(c.Path) == 0 || strings.Contains(name, "/") || !c.Last && slices.Contains(runtimes, name) {
		return true
	}
	return slices.ContainsFunc(c.Path, func(directory string) bool {
		info, err := os.Stat(filepath.Join(directory, name))
		return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
	})
}
