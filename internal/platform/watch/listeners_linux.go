package watch

import (
	"maps"
	"net/netip"
	"os"
	"slices"
	"strconv"

	"github.com/prometheus/procfs"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/processtree"
)

// tcpListen is the state TCP_LISTEN in the kernel's tables.
const tcpListen = 0x0A

// Listeners returns the sockets on which these processes accept connections. members has process
// IDs by the number of the sockets' owner. known is false if this machine does not tell.
func Listeners(members map[int][]int) (found []Listener, known bool) {
	sockets, err := listeningSockets()
	if err != nil {
		return nil, false
	}
	for owner, pids := range members {
		for _, pid := range pids {
			proc, err := procfs.NewProc(pid)
			if err != nil {
				continue // it has ended
			}
			targets, err := proc.FileDescriptorTargets()
			if os.IsPermission(err) {
				return nil, false // the wanted socket may be among these
			}
			for _, target := range targets { // none if it has ended since
				if address, ok := sockets[target]; ok {
					found = append(found, Listener{address: address, owner: owner, port: portOf(pid)})
				}
			}
		}
	}
	return found, true
}

// listeningSockets returns the addresses of this machine's listening sockets, by the target of a
// link in /proc/PID/fd. Netlink, which proc(5) recommends, is only needed for very many sockets.
func listeningSockets() (map[string]netip.AddrPort, error) {
	proc, err := procfs.NewDefaultFS()
	if err != nil {
		return nil, err
	}
	four, err := proc.NetTCP()
	if err != nil {
		return nil, err
	}
	six, err := proc.NetTCP6()
	if err != nil && !os.IsNotExist(err) { // some kernels have no IPv6
		return nil, err
	}
	found := map[string]netip.AddrPort{}
	for _, line := range slices.Concat(four, six) {
		if address, ok := netip.AddrFromSlice(line.LocalAddr); ok && line.St == tcpListen {
			found["socket:["+strconv.FormatUint(line.Inode, 10)+"]"] = netip.AddrPortFrom(address.Unmap(), uint16(line.LocalPort))
		}
	}
	return found, nil
}

// ListenAddresses returns the addresses on which this machine accepts connections, as far as it
// tells.
func ListenAddresses() []netip.AddrPort {
	sockets, err := listeningSockets()
	if err != nil {
		return nil
	}
	return slices.Collect(maps.Values(sockets))
}

// portOf returns PORT of a process's environment.
func portOf(pid int) string { return env.Get(processtree.Environ(pid), "PORT") }
