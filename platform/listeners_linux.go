package platform

import (
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
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
			targets, err := member.FileDescriptorTargets()
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

// members are the container's processes with all that they have started, by the number
// of the process; by -1 what has lost its parent.
func (c *container) members() map[int][]procfs.Proc {
	all, err := procfs.AllProcs()
	if err != nil {
		return nil
	}
	procs := map[int]procfs.Proc{}
	children := map[int][]int{}
	for _, proc := range all {
		stat, err := proc.Stat()
		if err != nil || stat.State == "Z" {
			continue // it has ended
		}
		procs[proc.PID] = proc
		children[stat.PPID] = append(children[stat.PPID], proc.PID)
	}
	var descend func(pid int) []procfs.Proc
	descend = func(pid int) []procfs.Proc {
		proc, ok := procs[pid]
		if !ok {
			return nil
		}
		delete(procs, pid)
		tree := []procfs.Proc{proc}
		for _, child := range children[pid] {
			tree = append(tree, descend(child)...)
		}
		return tree
	}
	members := map[int][]procfs.Proc{}
	for number, p := range c.processes {
		members[number] = descend(p.command.Process.Pid)
	}
	for _, orphan := range children[os.Getpid()] {
		proc, ok := procs[orphan]
		if !ok {
			continue
		}
		if environ, err := proc.Environ(); err == nil && slices.Contains(environ, "CF_INSTANCE_GUID="+c.guid) {
			members[-1] = append(members[-1], descend(orphan)...)
		}
	}
	return members
}

// portOf is the PORT in a process's environment.
func portOf(proc procfs.Proc) string {
	environ, _ := proc.Environ() // none where it has ended
	for _, variable := range environ {
		if port, ok := strings.CutPrefix(variable, "PORT="); ok {
			return port
		}
	}
	return ""
}
