package container

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// A request is a message to a container's init; exactly one field is set. The first is SetUp; any
// number of others follow.
type request struct {
	SetUp  *setUp         `json:",omitempty"`
	Start  *startRequest  `json:",omitempty"` // comes with standard output and standard error
	Signal *signalRequest `json:",omitempty"`
}

type setUp struct {
	Isolated  bool // in its own mount namespace
	Sealed    bool // in all namespaces of sealedNamespaces
	Network   bool // except that of the network
	Scratch   []string
	Root, Tmp string
	Visible   []string
}

type startRequest struct {
	Path string
	Args []string
	Env  []string
	Dir  string
}

type signalRequest struct {
	Pid    int
	Signal syscall.Signal
}

// A reply is a message of the init: Ready answers SetUp, Started each Start, Signaled each Signal;
// Exited reports the end of each started process.
type reply struct {
	Ready    *ready    `json:",omitempty"`
	Started  *started  `json:",omitempty"`
	Signaled *signaled `json:",omitempty"`
	Exited   *exited   `json:",omitempty"`
}

// ready says what could be set up. If Failed is set, no program may run.
type ready struct{ Home, Tmp, Failed problem }

type started struct {
	Pid    int
	Failed problem
}

// signaled says whether the process still existed.
type signaled struct{ There bool }

type exited struct{ Pid, Status int }

// A problem is an error as a message; empty if there is no error.
type problem struct {
	Text  string        `json:",omitempty"`
	Errno syscall.Errno `json:",omitempty"`
}

func problemOf(err error) problem {
	if err == nil {
		return problem{}
	}
	var errno syscall.Errno
	if errors.As(err, &errno) && err.Error() == errno.Error() {
		return problem{Errno: errno}
	}
	return problem{Text: err.Error()}
}

func (p problem) error() error {
	switch {
	case p.Errno != 0:
		return p.Errno
	case p.Text != "":
		return errors.New(p.Text)
	default:
		return nil
	}
}

// A connection carries messages as JSON, each preceded by its length, with the files that belong to
// it.
type connection struct {
	*net.UnixConn
	sending sync.Mutex
}

// lengthSize is the size of the length that precedes a message.
const lengthSize = 4

// send sends a message, and duplicates of files.
func (c *connection) send(message any, files ...*os.File) error {
	content, err := json.Marshal(message)
	if err != nil {
		return err
	}
	var rights []byte
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, file := range files {
			fds[i] = int(file.Fd())
		}
		rights = unix.UnixRights(fds...)
	}
	c.sending.Lock()
	defer c.sending.Unlock()
	length := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	if _, _, err := c.WriteMsgUnix(length, rights, nil); err != nil {
		return err
	}
	_, err = c.Write(content)
	return err
}

// receive receives a message, and the files that came with it.
func (c *connection) receive(message any) ([]*os.File, error) {
	var length [lengthSize]byte
	oob := make([]byte, unix.CmsgSpace(2*lengthSize))
	n, oobn, _, _, err := c.ReadMsgUnix(length[:], oob)
	if err == nil && n == 0 {
		err = io.EOF
	}
	if err != nil {
		return nil, err
	}
	files, err := filesIn(oob[:oobn])
	if err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(c, length[n:]); err != nil {
		return files, err
	}
	content := make([]byte, binary.BigEndian.Uint32(length[:]))
	if _, err := io.ReadFull(c, content); err != nil {
		return files, err
	}
	return files, json.Unmarshal(content, message)
}

func filesIn(oob []byte) ([]*os.File, error) {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, err
	}
	var files []*os.File
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			return nil, err
		}
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "output"))
		}
	}
	return files, nil
}

// socketPair returns two connected ends, for a container and its init; the init inherits the second
// one.
func socketPair() (*connection, *os.File, error) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	theirs := os.NewFile(uintptr(ends[1]), "init")
	ours, err := newConnection(os.NewFile(uintptr(ends[0]), "container"))
	if err != nil {
		return nil, nil, errors.Join(err, theirs.Close())
	}
	return ours, theirs, nil
}

// newConnection takes ownership of a file that is a socket.
func newConnection(file *os.File) (*connection, error) {
	conn, err := net.FileConn(file)
	err = errors.Join(err, file.Close())
	if err != nil {
		return nil, err
	}
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, errors.Join(errors.New("found another socket; expected a Unix socket"), conn.Close())
	}
	return &connection{UnixConn: socket}, nil
}
