package onchange

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// maxFile is the most bytes of the file with the app's process ids. Whatever is in the container can write to it.
const maxFile = 64 << 10

// kill sends the signal to the app's processes that still run.
func (a *Action) kill() (done string, err error) {
	content, err := regularfile.Read(a.processes, maxFile)
	if err != nil {
		return "", fmt.Errorf("failed to read the app's process ids: %w", err)
	}
	sent := 0
	for line := range strings.Lines(string(content)) {
		if fields := strings.Fields(line); len(fields) > 0 && a.killOne(fields) {
			sent++
		}
	}
	if sent == 0 {
		return "", fmt.Errorf("%s names no process of the app that runs", a.processes)
	}
	return fmt.Sprintf("sent %s to the app", a.name), nil
}

// killOne sends the signal to the process of a line: its id, and, where the line has it, its start time
// as /proc has it, since ids are used again.
func (a *Action) killOne(fields []string) bool {
	pid, err := strconv.Atoi(fields[0])
	if err != nil || pid <= 1 || pid == os.Getpid() {
		return false
	}
	if len(fields) > 1 && startTime(pid) != fields[1] {
		return false
	}
	return syscall.Kill(pid, a.signal) == nil
}

// startTime is the 22nd field of /proc/PID/stat, or empty.
func startTime(pid int) string {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	rest := string(content[bytes.LastIndexByte(content, ')')+1:]) // the name may have blanks
	const after = 22 - 3                                          // the third field follows the name
	if fields := strings.Fields(rest); len(fields) > after {
		return fields[after]
	}
	return ""
}
