//go:build linux

package supervise

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// explain says why the command cannot be started. The kernel has one error for many causes: it does
// not say that the interpreter is missing, or which variable is too long. explain quotes no
// variable's value.
func (c command) explain(err error) string {
	var path *fs.PathError
	if !errors.As(err, &path) {
		return err.Error()
	}
	if path.Op == "chdir" {
		return fmt.Sprintf("the directory %s cannot be entered: %s", redact.Text(c.workDir), path.Err)
	}
	reason := ""
	switch {
	case path.Op != "run":
	case errors.Is(err, syscall.EINVAL):
		reason = c.explainNUL()
	case errors.Is(err, syscall.E2BIG):
		reason = c.explainSize()
	case errors.Is(err, fs.ErrNotExist):
		reason = c.explainInterpreter(path.Path)
	}
	if reason == "" {
		reason = path.Err.Error()
	}
	return fmt.Sprintf("%s cannot be run: %s", redact.Text(path.Path), reason)
}

// explainNUL finds an argument or a variable that contains a NUL, which execve cannot pass on.
func (c command) explainNUL() string {
	for _, variable := range c.environ {
		if name, _, _ := strings.Cut(variable, "="); strings.Contains(variable, "\x00") {
			return fmt.Sprintf("the variable %q has a NUL character; a process can be started with none that has", name)
		}
	}
	for i, argument := range c.argv {
		if strings.Contains(argument, "\x00") {
			return fmt.Sprintf("argument %d has a NUL character; a process can be started with none that has", i)
		}
	}
	return ""
}

// maxText is the most bytes that one argument, or one variable with its name, may have:
// MAX_ARG_STRLEN of execve(2) less the final NUL, with pages of 4 KB.
const maxText = 32*4<<10 - 1

// explainSize finds what is too long: one argument or variable, or all of them together.
func (c command) explainSize() string {
	all := 0
	for _, variable := range c.environ {
		if all += len(variable) + 1; len(variable) > maxText {
			name, _, _ := strings.Cut(variable, "=")
			return fmt.Sprintf("the variable %q has %d bytes; expected %d at most, with its name", name, len(variable), maxText)
		}
	}
	for i, argument := range c.argv {
		if all += len(argument) + 1; len(argument) > maxText {
			return fmt.Sprintf("argument %d has %d bytes; expected %d at most", i, len(argument), maxText)
		}
	}
	return fmt.Sprintf("its %d variables and %d arguments have %d bytes, which is more than a process can be started with", len(c.environ), len(c.argv), all)
}

// explainInterpreter finds the interpreter that an existing program needs and that is missing.
func (c command) explainInterpreter(program string) string {
	const maxDepth = 5 // the same as the limit of the kernel
	needs := ""
	for range maxDepth {
		if !filepath.IsAbs(program) {
			program = filepath.Join(c.directory, program)
		}
		next, err := interpreter(program)
		if errors.Is(err, fs.ErrNotExist) && needs != "" {
			return fmt.Sprintf("its interpreter %q does not exist%s", needs, hint(needs))
		}
		if err != nil || next == "" {
			return ""
		}
		program, needs = next, next
	}
	return ""
}

func hint(interpreter string) string {
	switch {
	case strings.HasSuffix(interpreter, "\r"):
		return `; its lines end as on Windows: convert it, for instance with sed -i 's/\r$//'`
	case strings.Contains(interpreter, "ld-musl"):
		return "; it is built for Alpine Linux: take a build for glibc, or a static one"
	default:
		return ""
	}
}

// interpreter returns the program that the kernel runs another one with: a script's interpreter or
// the dynamic linker. It is empty if there is none.
func interpreter(path string) (string, error) {
	file, err := regularfile.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close() // it was only read
	const first = 256  // BINPRM_BUF_SIZE
	head := make([]byte, first)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	head = head[:n]
	if line, isScript := bytes.CutPrefix(head, []byte("#!")); isScript {
		line, _, _ = bytes.Cut(line, []byte("\n"))
		line, _, _ = bytes.Cut(bytes.TrimLeft(line, " \t"), []byte(" "))
		line, _, _ = bytes.Cut(line, []byte("\t"))
		return string(line), nil
	}
	return linker(file, head), nil
}

// linker returns the dynamic linker that an ELF file names (elf(5)). It ignores files of another
// word size or byte order: these fail for another reason.
func linker(file io.ReaderAt, head []byte) string {
	const header, class, order, programOffset, programSize, programCount = 64, 4, 5, 32, 54, 56
	if len(head) < header || string(head[:4]) != "\x7fELF" || head[class] != 2 || head[order] != 1 {
		return ""
	}
	const interp, kindAt, offsetAt, sizeAt, least, maxPath = 3, 0, 8, 32, 56, 4096
	offset := int64(binary.LittleEndian.Uint64(head[programOffset:]))
	size := int64(binary.LittleEndian.Uint16(head[programSize:]))
	for i := range int64(binary.LittleEndian.Uint16(head[programCount:])) {
		entry := make([]byte, least)
		if _, err := file.ReadAt(entry, offset+i*size); err != nil {
			return ""
		}
		if binary.LittleEndian.Uint32(entry[kindAt:]) != interp {
			continue
		}
		name := make([]byte, min(binary.LittleEndian.Uint64(entry[sizeAt:]), maxPath))
		if _, err := file.ReadAt(name, int64(binary.LittleEndian.Uint64(entry[offsetAt:]))); err != nil {
			return ""
		}
		return string(bytes.TrimRight(name, "\x00"))
	}
	return ""
}
