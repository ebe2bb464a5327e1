package install_test

import "golang.org/x/sys/unix"

// unacknowledged is how many bytes a socket has sent that the other side has not acknowledged.
func unacknowledged(socket int) (int, error) {
	return unix.GetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_NWRITE)
}
