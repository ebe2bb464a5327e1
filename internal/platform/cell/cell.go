// Package cell is what stagings and instances share on this machine, as they share a Diego
// cell: workspaces, containers with their processes, environments and mounts, and the end of
// all that they start.
package cell

import (
	"context"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
)

// GracefulShutdown is how long the platform waits between SIGTERM and SIGKILL
// (CF-17).
const GracefulShutdown = 10 * time.Second

// A Cell makes containers on this machine. It leaves nothing behind: no process, no
// file below TempDir.
type Cell struct {
	Lifecycle Lifecycle
	// Init is the file of the program that becomes the init of each container: its main
	// calls container.Init where it is called container.InitName.
	Init string
	// Environ is the environment of this program, of which the cell hands on
	// what a container would have.
	Environ []string
	// TempDir is the directory for its workspaces; empty means the system's.
	TempDir string
	// Sealed shuts the programs of all containers in, as container.Spec describes it, and
	// Network leaves them the machine's network.
	Sealed, Network bool
	// Clock is the machine's, or a spec's own.
	Clock clock.Clock

	processes processTree
	told      sync.Map // lines that are said once
	clear     sync.Once
	skipGrace context.Context // done: no more grace for what is being stopped
	closed    context.Context
	hasten    context.CancelFunc // ends hurry
	end       context.CancelFunc // ends closed
	// authority is that of all instances' identities. It is made for the first one.
	authority func() (*identity.Authority, error)
}

// NewCell returns a cell, which is to be closed. From now on this program is the
// parent of every orphan among the processes that it started.
func NewCell(lifecycle Lifecycle, init string, environ []string, tempDir string) *Cell {
	adoptOrphans()
	c := &Cell{Lifecycle: lifecycle, Init: init, Environ: environ, TempDir: tempDir, Clock: clock.System{}}
	c.authority = sync.OnceValues(func() (*identity.Authority, error) { return identity.NewAuthority(time.Now()) })
	c.skipGrace, c.hasten = context.WithCancel(context.Background())
	c.closed, c.end = context.WithCancel(context.Background())
	c.processes.remember()
	go c.processes.reap(c.closed.Done())
	return c
}

// Hurry lets nothing that is being stopped, or will be, have any more time for
// it.
func (c *Cell) Hurry() { c.hasten() }

// Close ends whatever the cell's processes have left behind.
func (c *Cell) Close() {
	c.end()
	c.processes.killDescendants("", "")
}
