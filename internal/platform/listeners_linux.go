package platform

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

// tcpListen is the state of a socket that accepts connections, in the kernel's tables.
const tcpListen = 0x0A

// listeners finds the sockets on which the container's processes accept connections.
// It is false where this machine does not tell.
func (c *container) listeners() (found []listener, known bool) {
	sockets, err := listeningSockets()
	if err != nil {
		return nil, false
	}
	for owner, members := range c.members() {
		for _, member := range members {
			proc, err := procfs.NewProc(member)
			if err != nil {
				continue // it has ended
			}
			targets, err := proc.FileDescriptorTargets()
			if os.IsPermission(err) {
				return nil, false // the socket that is looked for may be among these
			}
			for _, target := range targets { // none where it has ended since
				if address, ok := sockets[target]; ok {
					found = append(found, listener{address: address, owner: owner, port: portOf(member)})
				}
			}
		}
	}
	return found, true
}

// listeningSockets are the addresses of this machine's sockets that accept connections,
// by what a file descriptor of one leads to. Netlink, which procfs points to, is for very
// many sockets.
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
	if err != nil && !os.IsNotExist(err) { // there are kernels without IPv6
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

// listenAddresses are the addresses on which this machine accepts connections, as far as it
// tells.
func listenAddresses() []netip.AddrPort {
	sockets, err := listeningSockets()
	if err != nil {
		return nil
	}
	return slices.Collect(maps.Values(sockets))
}

// members are the process ids of the container's processes with all that they have
// started, by the number of the process; by -1 of what has lost its parent.
func (c *container) members() map[int][]int {
	now := processtree.All()
	members, counted := map[int][]int{}, map[int]bool{}
	add := func(number int, p processtree.Process) {
		if !p.Zombie && !counted[p.Pid] {
			members[number], counted[p.Pid] = append(members[number], p.Pid), true
		}
	}
	for number, p := range c.processes {
		for _, member := range processtree.Family(now, p.running.Pid) {
			add(number, member)
		}
	}
	for _, p := range processtree.Descendants(now, c.InitPid()) {
		add(-1, p)
	}
	return members
}

// environmentOf is the environment that a process was started with, none where it has
// ended.
func environmentOf(pid int) []string {
	proc, err := procfs.NewProc(pid)
	if err != nil {
		return nil
	}
	environ, _ := proc.Environ()
	return environ
}

// portOf is the PORT in a process's environment.
func portOf(pid int) string { return env.Get(environmentOf(pid), "PORT") }
