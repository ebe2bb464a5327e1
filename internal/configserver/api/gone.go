package api

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// hasGone reports whether the other side has closed a connection that is no longer read.
func hasGone(connection net.Conn) bool {
	if s, ok := connection.(*slot); ok {
		connection = s.Conn
	}
	raw, ok := connection.(syscall.Conn)
	if !ok {
		return false
	}
	control, err := raw.SyscallConn()
	if err != nil {
		return true
	}
	gone := false
	err = control.Control(func(descriptor uintptr) {
		var peeked [1]byte
		n, _, err := unix.Recvfrom(int(descriptor), peeked[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		gone = err == nil && n == 0 || err != nil && err != unix.EAGAIN && err != unix.EINTR
	})
	return gone || err != nil
}
