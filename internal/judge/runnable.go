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

// CheckInstalled rejects an unpacked program that can never run, and warns about one that may not.
// Nothing changes it after staging.
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

// inspect reports whether a regular file can run.
func inspect(files fs.FS, name string) (executable.Info, error) {
	file, err := files.Open(name)
	if err != nil {
		return executable.Info{}, err
	}
	defer file.Close() // it was only read
	content, ok := file.(io.ReaderAt)
	if !ok { // it is in an archive
		head, err := regularfile.ReadFS(files, name, maxInspected)
		if err != nil {
			return executable.Info{}, err
		}
		content = strings.NewReader(string(head))
	}
	return executable.Inspect(content, runtime.GOARCH)
}

// maxInspected limits how much of a file in an archive is unpacked to inspect it, in bytes.
const maxInspected = 256 << 20

// missingInterpreter returns a program's interpreter if this machine does not have it, or nothing.
func missingInterpreter(program executable.Info) string {
	if path.IsAbs(program.Interpreter) && isMissing(program.Interpreter) {
		return program.Interpreter
	}
	return ""
}

// isMissing reports whether nothing exists at an absolute path, and nothing will: files are added
// to some directories before the start.
func isMissing(name string) bool {
	for _, later := range []string{"/home/vcap/", "/tmp/"} {
		if strings.HasPrefix(path.Clean(name), later) {
			return false
		}
	}
	_, err := os.Stat(name)
	return errors.Is(err, fs.ErrNotExist)
}

// muslAdvice explains the missing dynamic linker that is most common.
func muslAdvice(interpreter string) string {
	if strings.HasPrefix(filepath.Base(interpreter), "ld-musl-") {
		return ", such as its release for glibc: this one is for Alpine Linux (musl)"
	}
	return ""
}

// finds reports whether a program is on PATH, or a buildpack may install it there.
func (c Commands) finds(name string) bool {
	if len(c.Path) == 0 || strings.Contains(name, "/") || !c.Last && slices.Contains(runtimes, name) {
		return true
	}
	return slices.ContainsFunc(c.Path, func(directory string) bool {
		info, err := os.Stat(filepath.Join(directory, name))
		return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
	})
}
