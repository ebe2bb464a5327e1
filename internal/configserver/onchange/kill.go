package onchange

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// maxFile limits the size of the file with the app's process ids, in bytes. Anything in the container can write
// to it.
const maxFile = 64 << 10

// kill sends the signal to the running processes of the app that handle it. It spares the shell that started one,
// and processes that the signal would terminate.
func (a *Action) kill() (done string, err error) {
	content, err := regularfile.Read(a.processes, maxFile)
	if err != nil {
		return "", fmt.Errorf("failed to read the app's process ids: %w", err)
	}
	all := processtree.All()
	running, sent := 0, map[int]bool{}
	for line := range strings.Lines(string(content)) {
		pid, ok := process(line)
		if !ok {
			continue
		}
		running++
		for _, p := range processtree.Handlers(all, pid, a.signal) {
			if p.Pid != os.Getpid() && processtree.Start(p.Pid) == p.Start && syscall.Kill(p.Pid, a.signal) == nil {
				sent[p.Pid] = true
			}
		}
	}
	switch {
	case running == 0:
		return "", fmt.Errorf("%s names no running process of the app", a.processes)
	case len(sent) == 0:
		return "", errors.New("none of its processes handles " + a.name + ", and the signal would terminate the others")
	}
	return fmt.Sprintf("sent %s to the app", a.name), nil
}

// process parses a line, and returns the process id if that process still runs. Since ids are reused, the line
// may include the start time as in /proc.
func process(line string) (pid int, runs bool) {
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return 0, false
	}
	pid, err := strconv.Atoi(fields[0])
	if err != nil || pid <= 1 || pid == os.Getpid() {
		return 0, false
	}
	start := processtree.Start(pid)
	return pid, start != 0 && (len(fields) == 1 || strconv.FormatUint(start, 10) == fields[1])
}
