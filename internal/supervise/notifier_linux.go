package supervise

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A notifier has the kernel tell what changes in directories, by inotify(7). It watches
// directories alone: a file that is replaced is another one afterwards. What it cannot be
// told of, blind says. (A library for this watches paths; here it is the directories on the
// way to a file that count, link after link, and those have to be found anyhow.)
type notifier struct {
	file *os.File // nil where there is none
	// names are what counts in each directory, by the number of its watch; the empty name
	// is for all of them.
	names, before map[int]map[string]bool
	// blind is why the kernel does not tell of everything, found since the last renew.
	blind error
}

const notified = unix.IN_CLOSE_WRITE | unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO |
	unix.IN_ATTRIB | unix.IN_ONLYDIR

// remote are the types of file systems where others can write without this kernel knowing
// (statfs(2)).
var remote = map[int64]string{
	unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB", unix.SMB2_SUPER_MAGIC: "SMB", unix.CIFS_SUPER_MAGIC: "CIFS",
	unix.FUSE_SUPER_MAGIC: "FUSE", unix.V9FS_MAGIC: "9P", unix.CEPH_SUPER_MAGIC: "Ceph", unix.AFS_SUPER_MAGIC: "AFS",
}

func newNotifier() *notifier {
	n := &notifier{names: map[int]map[string]bool{}}
	// A user has 128 of these by default, those of all containers of a machine included.
	if fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK); err == nil {
		n.file = os.NewFile(uintptr(fd), "inotify")
	}
	return n
}

// renew begins to watch anew, and renewed ends it: what has not been watched between the two
// is not any more.
func (n *notifier) renew() {
	n.before, n.names, n.blind = n.names, map[int]map[string]bool{}, nil
	if n.file == nil {
		n.blind = errors.New("there are too many inotify instances")
	}
}

func (n *notifier) renewed() {
	for watch := range n.before {
		if _, still := n.names[watch]; !still {
			n.control(func(fd int) { _, _ = unix.InotifyRmWatch(fd, uint32(watch)) }) // it may be gone
		}
	}
	n.before = nil
}

// watch has the kernel tell of a name in a directory, or of all where it is empty.
func (n *notifier) watch(directory, name string) {
	var about unix.Statfs_t
	if err := unix.Statfs(directory, &about); err == nil && remote[int64(about.Type)] != "" {
		n.blind = errors.New(remote[int64(about.Type)])
	}
	if n.file == nil {
		return
	}
	n.control(func(fd int) {
		watch, err := unix.InotifyAddWatch(fd, directory, notified)
		switch {
		case err == nil && n.names[watch] == nil:
			n.names[watch] = map[string]bool{name: true}
		case err == nil:
			n.names[watch][name] = true
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ENOTDIR): // which the directory above tells of
			n.blind = &fs.PathError{Op: "watch", Path: directory, Err: err}
		}
	})
}

// control does something with the file's descriptor, which stays as it is.
func (n *notifier) control(do func(fd int)) {
	if raw, err := n.file.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { do(int(fd)) }) // it is open
	}
}

// next waits until something happens that counts, for some time at most, or for ever where
// that is 0. It is false where nothing has.
func (n *notifier) next(most time.Duration) bool {
	if n.file == nil {
		time.Sleep(most)
		return false
	}
	deadline := time.Time{}
	if most > 0 {
		deadline = time.Now().Add(most)
	}
	_ = n.file.SetReadDeadline(deadline)
	buffer := make([]byte, 4<<10) // more than one event, with a name of 255 bytes
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

// counts tells whether one of some events does.
func (n *notifier) counts(events []byte) bool {
	for len(events) >= unix.SizeofInotifyEvent {
		event := parseEvent(events)
		name := strings.TrimRight(string(events[unix.SizeofInotifyEvent:unix.SizeofInotifyEvent+event.nameLength]), "\x00")
		events = events[unix.SizeofInotifyEvent+event.nameLength:]
		names := n.names[event.watch]
		if event.mask&unix.IN_Q_OVERFLOW != 0 || names[name] || names[""] && event.mask&unix.IN_IGNORED == 0 {
			return true
		}
	}
	return false
}

// An inotifyEvent is what comes before a name of so many bytes (inotify(7)).
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
