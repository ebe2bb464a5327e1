package supervise

// The file run/main (supervision.AppFile) has the process ids of the app, one a line with the
// time at which it started (see processtree.Process). Each of the app's processes adds its own
// before its command starts; on SIGTERM, a supervisor with stop-after-app waits for the end of
// all of them, and a sidecar with on-change sends them a signal.

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

// noteProcess adds the app's process to AppFile, where a sidecar needs it. Sidecars of
// the app manifest, which are not known here, count as the app, and are noted, too. Whatever
// else has come into the file's place is left alone: a named pipe would keep the app from
// starting, and a link would have another file written.
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
		return // all read the same file
	}
}

// appendLine adds a line to a file, in one write.
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

// maxAppFile is the most bytes that are read of AppFile, far more than it has.
// Whatever is in the app's container can write to it.
const maxAppFile = 64 << 10

// appProcesses are those that AppFile names. They are not known where the file is missing, or
// is not one of process ids.
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

// parseProcess is the process of a line. Versions that noted no time meant the process that has the
// id now.
func parseProcess(line string) (processID, error) {
	id, start, timed := strings.Cut(strings.TrimSpace(line), " ")
	pid, err := strconv.Atoi(id)
	if err != nil || !timed {
		return identify(pid), err
	}
	at, err := strconv.ParseUint(start, 10, 64)
	return processID{pid: pid, start: at}, err
}
