package controller

import (
	"fmt"
	"io"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/columns"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

const (
	// drawnWidth is the most columns that a drawing may have.
	drawnWidth = 80
	// barWidth is the width of a bar, without its indentation and brackets.
	barWidth = drawnWidth - 4
	// nameWidth is the width for a sidecar's name next to its key, size, origin and MEMORY_LIMIT,
	// if all of these have their maximum length.
	nameWidth = drawnWidth - len("  a  2147483647M   (buildpack)  MEMORY_LIMIT=2147483647m")
	// appKey marks the app's part of a bar, and sidecarKeys mark its sidecars' parts.
	appKey      = '#'
	sidecarKeys = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	// noKey marks a sidecar that has no part of the bar.
	noKey = '-'
)

// Draw draws the plan for a person: for each process a bar to scale, a legend that says who has
// which part of the memory, and what is refused. Lines have 80 columns at most, and no color.
func (p Plan) Draw(w io.Writer) error {
	var d drawing
	for i, process := range p.Processes {
		if i > 0 {
			d.line("")
		}
		d.process(process)
	}
	if len(p.Refusals)+len(p.Warnings) > 0 {
		d.line("")
	}
	d.refusals(p.Refusals)
	for _, warning := range p.Warnings {
		d.paragraph("Note: ", warning)
	}
	_, err := io.WriteString(w, d.String())
	return err
}

// A drawing collects a plan's lines.
type drawing struct{ strings.Builder }

func (d *drawing) line(format string, args ...any) {
	d.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

// A part is an app or a sidecar, with its part of the process's memory, if it has one.
type part struct {
	key     rune
	name    string
	size    memory.Size // 0: no part of its own
	limit   memory.Size
	command string
}

func (d *drawing) process(p PlannedProcess) {
	instances := "1 instance"
	if p.Instances != 1 {
		instances = fmt.Sprintf("%d instances", p.Instances)
	}
	d.line("%s  %s, %s", columns.Truncate(printable.Name(p.Type), drawnWidth-40), p.Memory, instances)
	parts := p.parts()
	sizes := make([]memory.Size, len(parts))
	for i, part := range parts {
		sizes[i] = max(part.size, 0)
	}
	bars := memory.Apportion(sizes, barWidth)
	bar := ""
	for i, part := range parts {
		bar += strings.Repeat(string(part.key), bars[i])
	}
	d.line("  [%s]", bar)
	if p.MemoryLimit <= 0 {
		d.overflow(p, sizes)
	}
	d.legend(parts)
}

// parts returns the app's part, if it has one, and those of its sidecars.
func (p PlannedProcess) parts() []part {
	app := part{key: appKey, name: "app", size: p.MemoryLimit, limit: p.MemoryLimit, command: p.Command}
	if p.MemoryLimit <= 0 {
		app.key = noKey
	}
	parts := []part{app}
	used := 0
	for _, s := range p.Sidecars {
		one := part{key: noKey, name: fmt.Sprintf("%s (%s)", columns.Truncate(printable.Name(s.Name), nameWidth), s.Origin), size: s.Memory, limit: s.MemoryLimit, command: s.Command}
		if s.Memory > 0 {
			one.key = rune(sidecarKeys[used%len(sidecarKeys)])
			used++
		}
		parts = append(parts, one)
	}
	return parts
}

// overflow marks the end of the process's memory in a bar of reservations that exceed it.
func (d *drawing) overflow(p PlannedProcess, sizes []memory.Size) {
	var reserved memory.Size
	for _, size := range sizes {
		reserved += size
	}
	end := memory.Apportion([]memory.Size{p.Memory, max(reserved-p.Memory, 0)}, barWidth)[0]
	note := fmt.Sprintf("%s is all that the process has", p.Memory)
	if 3+end+1+len(note) <= drawnWidth {
		d.line("%s^ %s", strings.Repeat(" ", 2+end), note)
		return
	}
	d.line("%*s ^", 1+end, note)
}

func (d *drawing) legend(parts []part) {
	sizes := make([]string, len(parts))
	sizeWidth, nameWidth := 0, 0
	for i, part := range parts {
		sizes[i] = part.size.String()
		if part.size == 0 || part.limit <= 0 {
			sizes[i] = "none"
		}
		sizeWidth = max(sizeWidth, len(sizes[i]))
		nameWidth = max(nameWidth, columns.Width(part.name))
	}
	for i, part := range parts {
		limit := ""
		if part.limit > 0 {
			limit = "MEMORY_LIMIT=" + part.limit.EnvString()
		}
		d.line("  %c  %*s  %s  %s", part.key, sizeWidth, sizes[i], part.name+strings.Repeat(" ", nameWidth-columns.Width(part.name)), limit)
		command := printable.Name(redact.Text(part.command))
		if command == "" {
			command = "(no command known)"
		}
		indent := 2 + 1 + 2 + sizeWidth + 2
		d.line("%s%s", strings.Repeat(" ", indent), columns.Truncate(command, drawnWidth-indent))
	}
}

func (d *drawing) refusals(all Refusals) {
	for _, refusal := range all {
		when := map[Step]string{StepManifest: "when the manifest is applied", StepStaging: "when the app is staged", StepDroplet: "when the droplet is assigned"}[refusal.Step]
		if refusal.Hidden {
			when += ", where the user sees a server error instead"
		}
		d.paragraph("Refused: ", fmt.Sprintf("%s (%s)", strings.TrimSpace(refusal.Message), when))
		if refusal.Detail != "" {
			d.paragraph("  ", refusal.Detail)
		}
	}
}

// paragraph wraps a text.
func (d *drawing) paragraph(lead, text string) {
	line := lead
	started := false
	for _, word := range words(printable.Name(text)) {
		if started && columns.Width(line)+1+columns.Width(word) > drawnWidth {
			d.line("%s", line)
			line, started = "  ", false
		}
		if started {
			line += " "
		}
		line, started = line+word, true
	}
	d.line("%s", line)
}

// words splits a text into words, and breaks those that are longer than a line.
func words(text string) []string {
	const maxWidth = drawnWidth - len("Refused: ")
	var words []string
	for _, word := range strings.Fields(text) {
		for columns.Width(word) > maxWidth {
			head := strings.TrimSuffix(columns.Truncate(word, maxWidth+1), "…")
			words = append(words, head)
			word = word[len(head):]
		}
		words = append(words, word)
	}
	return words
}
