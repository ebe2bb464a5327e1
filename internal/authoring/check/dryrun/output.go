package dryrun

import (
	"bytes"
	"slices"
	"strings"
	"sync"
)

const (
	maxOutput  = 64 << 20  // bytes, after which a staging is stopped
	keptOutput = 256 << 10 // bytes kept of its beginning, and as many of its end
)

// An output is the log of a staging. It keeps the beginning and the end, but searches all of it for
// secrets.
type output struct {
	mutex    sync.Mutex
	begin    []byte
	end      []byte
	size     int
	secrets  *secrets
	found    []string // secrets
	exceeded func()   // called when it exceeds maxOutput
}

// Write takes whole lines, as a log writes them.
func (o *output) Write(line []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.found = append(o.found, o.secrets.in(line)...)
	if room := keptOutput - len(o.begin); room > 0 {
		o.begin = append(o.begin, line[:min(room, len(line))]...)
	}
	o.end = append(o.end, line...)
	if len(o.end) > 2*keptOutput {
		o.end = append([]byte(nil), o.end[len(o.end)-keptOutput:]...)
	}
	if o.size += len(line); o.size > maxOutput && o.exceeded != nil {
		o.exceeded()
		o.exceeded = nil
	}
	return len(line), nil
}

// has reports whether the beginning or the end contains one of these texts, ignoring case.
func (o *output) has(texts ...string) bool {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	for _, part := range [][]byte{o.begin, o.end} {
		lower := bytes.ToLower(part)
		for _, text := range texts {
			if bytes.Contains(lower, []byte(strings.ToLower(text))) {
				return true
			}
		}
	}
	return false
}

// lines returns the lines of the end, without time and source.
func (o *output) lines() []string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	var all []string
	for line := range strings.SplitSeq(strings.TrimRight(string(o.end), "\n"), "\n") {
		for _, stream := range []string{"] OUT ", "] ERR "} {
			if _, text, ok := strings.Cut(line, stream); ok {
				line = text
				break
			}
		}
		all = append(all, line)
	}
	return all
}

// tail returns the last few lines, without repetitions.
func (o *output) tail() string {
	var said []string
	for _, line := range o.lines() {
		line = strings.TrimSpace(line)
		if line != "" && !isHeartbeat(line) && !slices.Contains(said[max(0, len(said)-4):], line) {
			said = append(said, line)
		}
	}
	return strings.Join(said[max(0, len(said)-4):], " | ")
}

// secretsFound returns the secrets found so far.
func (o *output) secretsFound() []string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.found
}

// isHeartbeat reports whether a line comes from the local platform, not from a program.
func isHeartbeat(line string) bool {
	return strings.HasPrefix(line, "Staging "+appName+" …") || strings.HasPrefix(line, "Preparing to stage …")
}
