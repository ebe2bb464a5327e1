package supervise

// The file run/main (supervision.AppFile) lists the app's processes: one process id a line, with
// the time at which the process started (see processtree.Process). Each of the app's processes adds
// itself before its command starts. On SIGTERM, a supervisor with stop-after-app waits until all of
// them have ended; a sidecar with on-change sends them a signal.

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// noteProcess adds the app's process to AppFile if a sidecar needs it. Sidecars from the app
// manifest, which are unknown here, count as the app and are added, too. Anything but a regular
// file in its place is left alone: a named pipe would keep the app from starting, and a link would
// redirect the write to another file.
func (a appStart) noteProcess(pid int) {
	for _, s := range a.sidecars {
		if !s.StopAfterApp && !s.SignalsApp {
			continue
		}
		line := strconv.Itoa(pid) + " " + strconv.FormatUint(processtree.Start(pid), 10)
		err := appendLine(filepath.Join(a.directory, supervision.RunDirectory), supervision.AppFile, line)
		var other *regularfile.Error
		if err != nil && !errors.As(err, &other) {
			a.say.say("the app's process id is not noted, so that %q may stop before the app, or cannot tell it of changes: %s", s.Name, err)
		}
		return // all of them read the same file
	}
}

// appendLine appends a line to a file with a single write.
func appendLine(directory, name, line string) error {
	if err := supervision.MakeRunDirectory(directory); err != nil {
		return err
	}
	path := filepath.Join(directory, name)
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return &regularfile.Error{Path: path, Found: "something other than a regular file", Want: "one, or nothing in its place"}
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(line + "\n")
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// maxAppFile limits how much of AppFile is read, in bytes: far more than it ever contains. Any
// process in the app's container can write to it.
const maxAppFile = 64 << 10

// appProcesses returns the processes that AppFile lists. known is false if the file is missing or
// contains anything but process ids.
func appProcesses(path string) (all []processID, known bool) {
	content, err := regularfile.ReadRaw(path, maxAppFile)
	if err != nil {
		return nil, false
	}
	for line := range strings.Lines(string(content)) {
		one, err := parseProcess(line)
		if err != nil {
			return nil, false
		}
		all = append(all, one)
	}
	return all, len(all) > 0
}

// parseProcess parses a line. A line without a time, from an older version, means the process that
// has the id now.
func parseProcess(line string) (processID, error) {
	id, start, timed := strings.Cut(strings.TrimSpace(line), " ")
	pid, err := strconv.Atoi(id)
	if err != nil || !timed {
		return identify(pid), err
	}
	at, err := strconv.ParseUint(start, 10, 64)
	return processID{pid: pid, start: at}, err
}
