package supervise

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A notifier reports changes with inotify(7): for each file, link and directory it holds, when that
// itself is written to, moved or removed; and for a directory also when one of certain names
// appears in it, so that other events in a directory wake no process. The field blind says why it
// may miss a change. (A library would watch paths; here, each link on the way to a file matters,
// and has to be found anyway.)
type notifier struct {
	file *os.File // nil if inotify is unavailable
	// watches maps the kernel's numbers to what is watched now; before holds what was watched
	// before renew.
	watches, before map[int]watched
	// blind says why the kernel may not report everything, found since the last renew.
	blind error
}

// A watched is one file or directory.
type watched struct {
	path string
	mask uint32
	// names are the entries of a directory that matter; everyName means all.
	names map[string]bool
}

const everyName = "/"

// The events of a directory itself, of a link, of a file, and of the files in a directory.
const (
	ofDirectory = unix.IN_MOVE_SELF | unix.IN_DELETE_SELF
	ofLink      = ofDirectory | unix.IN_ATTRIB // sent when it is replaced while still open
	ofFile      = ofLink | unix.IN_CLOSE_WRITE
	ofNew       = unix.IN_CREATE | unix.IN_MOVED_TO
	ofEntries   = ofNew | unix.IN_DELETE | unix.IN_MOVED_FROM
)

// remote lists the types of file systems that other machines can write to without this kernel's
// knowledge (statfs(2)).
var remote = map[int64]string{
	unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB", unix.SMB2_SUPER_MAGIC: "SMB", unix.CIFS_SUPER_MAGIC: "CIFS",
	unix.FUSE_SUPER_MAGIC: "FUSE", unix.V9FS_MAGIC: "9P", unix.CEPH_SUPER_MAGIC: "Ceph", unix.AFS_SUPER_MAGIC: "AFS",
}

func newNotifier() *notifier {
	n := &notifier{watches: map[int]watched{}}
	// A user has 128 of these by default, shared by all containers of a machine.
	if fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK); err == nil {
		n.file = os.NewFile(uintptr(fd), "inotify")
	}
	return n
}

// renew starts a new set of watches, and renewed completes it: whatever was not requested in
// between is no longer watched.
func (n *notifier) renew() {
	n.before, n.watches, n.blind = n.watches, map[int]watched{}, nil
	if n.file == nil {
		n.blind = errors.New("there are too many inotify instances")
	}
}

func (n *notifier) renewed() {
	for number, old := range n.before {
		now, still := n.watches[number]
		switch {
		case !still:
			n.control(func(fd int) { _, _ = unix.InotifyRmWatch(fd, uint32(number)) }) // it may already be gone
		case old.mask&^now.mask != 0:
			n.control(func(fd int) { _, _ = unix.InotifyAddWatch(fd, now.path, now.mask|unix.IN_DONT_FOLLOW) }) // so may this
		}
	}
	n.before = nil
}

// hold watches what is at a path, without following links, and returns its information. If nothing
// is there, it watches for something to appear, and the error is fs.ErrNotExist.
func (n *notifier) hold(path string) (info fs.FileInfo, err error) {
	const mostTries = 10 // if it is replaced again and again
	for range mostTries {
		if info, err = os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			n.watch(filepath.Dir(path), ofNew, filepath.Base(path))
			info, err = os.Lstat(path)
		}
		if err != nil {
			return nil, err
		}
		mask := uint32(ofFile)
		switch {
		case info.IsDir():
			mask = ofDirectory
		case info.Mode()&fs.ModeSymlink != 0:
			mask = ofLink
		}
		n.watch(path, mask, "")
		if now, err := os.Lstat(path); err == nil && os.SameFile(info, now) {
			return now, nil
		}
	}
	return info, nil // its removal is reported
}

// watchEntries watches a directory for entries that appear or disappear.
func (n *notifier) watchEntries(directory string) { n.watch(directory, ofEntries, everyName) }

func (n *notifier) watch(path string, mask uint32, name string) {
	var about unix.Statfs_t
	if err := unix.Statfs(path, &about); err == nil && remote[int64(about.Type)] != "" {
		n.blind = errors.New(remote[int64(about.Type)])
	}
	if n.file == nil {
		return
	}
	n.control(func(fd int) {
		number, err := unix.InotifyAddWatch(fd, path, mask|unix.IN_DONT_FOLLOW|unix.IN_MASK_ADD)
		if err == nil {
			w := n.watches[number]
			if w.names == nil {
				w = watched{path: path, names: map[string]bool{}}
			}
			w.mask |= mask
			w.names[name] = true
			n.watches[number] = w
		} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ENOTDIR) { // it is gone by now, which is reported
			n.blind = err // without the path, which may contain the value of a variable and so a secret
		}
	})
}

// control calls do with the file's descriptor, and leaves that as it is.
func (n *notifier) control(do func(fd int)) {
	if raw, err := n.file.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { do(int(fd)) }) // the file is open
	}
}

// next waits for an event that matters, up to a timeout, or forever if that is 0. It reports
// whether there was one.
func (n *notifier) next(timeout time.Duration) bool {
	if n.file == nil {
		time.Sleep(timeout)
		return false
	}
	deadline := time.Time{}
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	_ = n.file.SetReadDeadline(deadline)
	buffer := make([]byte, 4<<10) // room for more than one event with a name of 255 bytes
	for {
		size, err := n.file.Read(buffer)
		if err != nil {
			return false
		}
		if n.counts(buffer[:size]) {
			return true
		}
	}
}

// counts reports whether any of the events matters.
func (n *notifier) counts(events []byte) bool {
	for len(events) >= unix.SizeofInotifyEvent {
		event := parseEvent(events)
		name := strings.TrimRight(string(events[unix.SizeofInotifyEvent:unix.SizeofInotifyEvent+event.nameLength]), "\x00")
		events = events[unix.SizeofInotifyEvent+event.nameLength:]
		names := n.watches[event.watch].names
		switch {
		case event.mask&unix.IN_Q_OVERFLOW != 0:
			return true
		case names == nil || event.mask&unix.IN_IGNORED != 0:
		case names[name] || names[everyName]:
			return true
		}
	}
	return false
}

// An inotifyEvent is the fixed part of an event, which a name follows (inotify(7)).
type inotifyEvent struct {
	watch      int
	mask       uint32
	nameLength int
}

func parseEvent(event []byte) inotifyEvent {
	number := func(at int) uint32 { return binary.NativeEndian.Uint32(event[at:]) }
	const maskAt, lengthAt = 4, 12
	return inotifyEvent{watch: int(int32(number(0))), mask: number(maskAt), nameLength: int(number(lengthAt))}
}
