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

// A notifier has the kernel tell what changes, by inotify(7): of each file, link and directory
// that it holds when that itself is written to, moved or removed, and of a directory when one
// of some names appears in it. So other events in a directory wake no process. The field blind says why it may
// miss a change. (A library for this watches paths; here it is what is on the
// way to a file that counts, link after link, and that has to be found anyhow.)
type notifier struct {
	file *os.File // nil if inotify is unavailable
	// watches are what is watched, by the kernel's number, and before what was before renew.
	watches, before map[int]watched
	// blind is why the kernel does not tell of everything, found since the last renew.
	blind error
}

// A watched is one file or directory.
type watched struct {
	path string
	mask uint32
	// names are those in it that count; everyName is for all.
	names map[string]bool
}

const everyName = "/"

// The events of a directory itself, of a link, of a file, and of the files in a directory.
const (
	ofDirectory = unix.IN_MOVE_SELF | unix.IN_DELETE_SELF
	ofLink      = ofDirectory | unix.IN_ATTRIB // which is when it is replaced and still open
	ofFile      = ofLink | unix.IN_CLOSE_WRITE
	ofNew       = unix.IN_CREATE | unix.IN_MOVED_TO
	ofEntries   = ofNew | unix.IN_DELETE | unix.IN_MOVED_FROM
)

// remote are the types of file systems where others can write without this kernel knowing
// (statfs(2)).
var remote = map[int64]string{
	unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB", unix.SMB2_SUPER_MAGIC: "SMB", unix.CIFS_SUPER_MAGIC: "CIFS",
	unix.FUSE_SUPER_MAGIC: "FUSE", unix.V9FS_MAGIC: "9P", unix.CEPH_SUPER_MAGIC: "Ceph", unix.AFS_SUPER_MAGIC: "AFS",
}

func newNotifier() *notifier {
	n := &notifier{watches: map[int]watched{}}
	// A user has 128 of these by default, those of all containers of a machine included.
	if fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK); err == nil {
		n.file = os.NewFile(uintptr(fd), "inotify")
	}
	return n
}

// renew begins to watch anew, and renewed ends it: what has not been asked for between the two
// is not told of any more.
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
			n.control(func(fd int) { _, _ = unix.InotifyRmWatch(fd, uint32(number)) }) // it may be gone
		case old.mask&^now.mask != 0:
			n.control(func(fd int) { _, _ = unix.InotifyAddWatch(fd, now.path, now.mask|unix.IN_DONT_FOLLOW) }) // it may be, too
		}
	}
	n.before = nil
}

// hold has the kernel tell of what is at a path, links not followed, and returns that. Where
// nothing is, it has the kernel tell when something appears; the error is fs.ErrNotExist.
func (n *notifier) hold(path string) (info fs.FileInfo, err error) {
	const mostTries = 10 // while it is replaced by another one again and again
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
	return info, nil // its end is told of
}

// watchEntries has the kernel tell what appears in a directory, and what is not there any more.
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
		} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ENOTDIR) { // it is gone by now, which is told of
			n.blind = err // without the path, in which the value of a variable may be a secret
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
