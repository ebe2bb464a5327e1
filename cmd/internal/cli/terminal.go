package cli

import (
	"io"
	"os"
	"slices"

	"golang.org/x/term"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// The default size, for a terminal that does not report its own.
const (
	usualColumns = 80
	usualRows    = 24
)

// A terminal is one whose cursor can be moved.
type terminal struct{ file *os.File }

// terminal returns the terminal on standard output; nil if there is none, or if it can only print.
func (t *tool) terminal() *terminal {
	file, ok := io.Writer(t.stdout).(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || slices.Contains(t.environ, "TERM=dumb") {
		return nil
	}
	return &terminal{file}
}

// colored is the writer for log lines, in which programs may have colors and other control
// sequences for terminals. It removes them if the output is not a terminal, or if NO_COLOR
// is set (no-color.org).
func (t *tool) colored(output io.Writer) io.Writer {
	if t.terminal() == nil || env.Get(t.environ, "NO_COLOR") != "" {
		return printable.PlainWriter{To: output}
	}
	return output
}

func (t *terminal) size() (columns, rows int) {
	columns, rows, err := term.GetSize(int(t.file.Fd()))
	if err != nil || columns <= 0 || rows <= 0 {
		return usualColumns, usualRows
	}
	return columns, rows
}
