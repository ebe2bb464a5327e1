package container

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// vcap is the user and group of a sealed container's programs if root has made it: those of the
	// platform's containers.
	vcap = 2000
	// maxProcesses, maxFileSize (in bytes) and maxScratch (for tmpfs) keep one container's programs from using up the machine.
	maxProcesses = 4096
	maxFileSize  = 4 << 30
	maxScratch   = "size=64m,mode=1777"
)

// sealedNamespaces returns the namespaces of a sealed container. The user namespace maps only one
// user, so set-user-ID programs of root gain no privileges.
func sealedNamespaces(network bool) *syscall.SysProcAttr {
	flags := unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWIPC
	if !network {
		flags |= unix.CLONE_NEWNET
	}
	return &syscall.SysProcAttr{
		Cloneflags:  uintptr(flags),
		UidMappings: []syscall.SysProcIDMap{{ContainerID: cmp.Or(os.Getuid(), vcap), HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: cmp.Or(os.Getgid(), vcap), HostID: os.Getgid(), Size: 1}},
		AmbientCaps: []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_NET_ADMIN},
	}
}

// scratch returns the directories that get an empty file system in memory in a sealed container,
// because they have sockets or are writable for everyone; except those with a visible file.
func (s Spec) scratch() []string {
	return slices.DeleteFunc([]string{"/run", "/var/tmp", "/dev/shm"}, func(directory string) bool {
		return slices.ContainsFunc(append([]string{s.Init}, s.Visible...), func(path string) bool {
			real, err := filepath.EvalSymlinks(path)
			if err != nil {
				return false // it does not exist
			}
			_, below := cutDirectory(directory, real)
			return below
		})
	})
}

// seal does the rest, after all mounts.
func (s setUp) seal() error {
	for _, own := range []string{Home, Tmp} {
		if err := setReadOnly(own, false); err != nil {
			return fmt.Errorf("failed to make %s writable: %w", own, err)
		}
	}
	for _, scratch := range s.Scratch {
		err := unix.Mount("tmpfs", scratch, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, maxScratch)
		if err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("failed to hide %s: %w", scratch, err)
		}
	}
	// If this fails, /proc also shows other processes, which are out of reach.
	_ = unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	if !s.Network {
		if err := raiseLoopback(); err != nil {
			return fmt.Errorf("failed to raise the loopback interface: %w", err)
		}
	}
	for resource, limit := range map[int]uint64{unix.RLIMIT_NPROC: maxProcesses, unix.RLIMIT_FSIZE: maxFileSize, unix.RLIMIT_CORE: 0} {
		if err := lowerLimit(resource, limit); err != nil {
			return fmt.Errorf("failed to set a limit: %w", err)
		}
	}
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}

// setReadOnly makes all mounts below a path read-only, or one mount writable.
func setReadOnly(path string, readOnly bool) error {
	if readOnly {
		return unix.MountSetattr(unix.AT_FDCWD, path, unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
	}
	return unix.MountSetattr(unix.AT_FDCWD, path, 0, &unix.MountAttr{Attr_clr: unix.MOUNT_ATTR_RDONLY})
}

// lowerLimit lowers a limit of this process and its future children, if it was higher.
func lowerLimit(resource int, limit uint64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(resource, &now); err != nil {
		return err
	}
	return unix.Setrlimit(resource, &unix.Rlimit{Cur: min(limit, now.Cur), Max: min(limit, now.Max)})
}

// raiseLoopback starts the loopback interface, so that programs of the container can talk to each
// other.
func raiseLoopback() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	interface_, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	interface_.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, interface_)
}
