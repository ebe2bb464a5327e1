package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/columns"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

const (
	// columnGap separates the columns of a table.
	columnGap = "  "
	// nameColumns is the maximum width of a name in a table that must stay narrow.
	nameColumns = 24
	// none is shown for missing or unknown values.
	none = "-"
)

// A table shows how processes are.
type table struct {
	statuses []status.Status
	// apps is true if the table must show which app a process belongs to.
	apps bool
	// names is the maximum width of a name, in columns; 0 is no limit.
	names int
	now   time.Time
}

// lines returns the lines of the table, beginning with its header.
func (t table) lines() []string {
	head := []string{"app", "process", "sidecar", "health", "restarts", "memory", "since", "details"}
	cells := [][]string{head}
	for _, s := range t.statuses {
		cells = append(cells, t.cells(s))
	}
	if !t.apps {
		for i := range cells {
			cells[i] = cells[i][1:]
		}
	}
	return align(cells)
}

func (t table) cells(s status.Status) []string {
	sidecar := none
	if s.Sidecar != "" {
		sidecar = t.name(s.Sidecar)
	}
	return []string{
		t.name(s.App), fmt.Sprintf("%s/%d", t.name(s.Type), s.Index), sidecar, printable.Name(s.Health),
		strconv.Itoa(s.Restarts), usage(s), t.since(s.Since), printable.Name(s.Details),
	}
}

func (t table) name(name string) string {
	if t.names > 0 {
		return columns.Truncate(printable.Name(name), t.names)
	}
	return printable.Name(name)
}

// usage formats memory as cf app does.
func usage(s status.Status) string {
	used := none
	if s.Memory > 0 {
		used = s.Memory.String()
	}
	if s.Reserved > 0 {
		used += " of " + s.Reserved.String()
	}
	return used
}

// since formats a time of today, or a date.
func (t table) since(since time.Time) string {
	since = since.In(t.now.Location())
	switch {
	case since.IsZero():
		return none
	case since.Format(time.DateOnly) == t.now.Format(time.DateOnly):
		return since.Format(time.TimeOnly)
	default:
		return since.Format("Jan _2 15:04")
	}
}

// align pads cells to columns, and returns the lines.
func align(cells [][]string) []string {
	widths := make([]int, len(cells[0]))
	for _, row := range cells {
		for i, cell := range row {
			widths[i] = max(widths[i], columns.Width(cell))
		}
	}
	lines := make([]string, len(cells))
	for i, row := range cells {
		var line strings.Builder
		for column, cell := range row {
			line.WriteString(cell + strings.Repeat(" ", widths[column]-columns.Width(cell)) + columnGap)
		}
		lines[i] = strings.TrimRight(line.String(), " ")
	}
	return lines
}

// fit shortens lines, of which the first is a header, to a width and a number of rows, and says how
// many it leaves out.
func fit(lines []string, width, rows int) []string {
	fitting := slices.Clone(lines)
	if len(lines) > rows {
		const head, note = 1, 1
		shown := max(rows-head-note, 0)
		fitting = append(fitting[:min(head+shown, rows)], left(len(lines)-head-shown))
		fitting = fitting[max(len(fitting)-rows, 0):]
	}
	for i, line := range fitting {
		fitting[i] = columns.Truncate(line, width)
	}
	return fitting
}

// left says how many rows are left out.
func left(rows int) string {
	if rows == 1 {
		return "… and 1 more: sidecar ps shows it"
	}
	return fmt.Sprintf("… and %d more: sidecar ps shows them", rows)
}
