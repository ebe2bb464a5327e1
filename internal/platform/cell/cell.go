// Package cell has what stagings and instances share on this machine, as on a Diego cell:
// workspaces, containers with their processes, environments and mounts. It ends all processes that
// they start.
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

// A Cell makes containers on this machine. After Close, no process is left, and no file below
// TempDir.
type Cell struct {
	Lifecycle Lifecycle
	// Init is the path of the program that becomes the init of each container: its main must call
	// container.Init if it is called container.InitName.
	Init string
	// Environ is the environment of this program. The cell passes on the variables that a container
	// would have.
	Environ []string
	// TempDir is the directory for workspaces; empty means the system's.
	TempDir string
	// Sealed isolates the programs of all containers, as container.Spec describes it; Network lets
	// them use the machine's network nevertheless.
	Sealed, Network bool
	// Clock is the real clock, or that of a spec.
	Clock clock.Clock

	processes processTree
	told      sync.Map // lines that are logged only once
	clear     sync.Once
	skipGrace context.Context // done: skip the grace period of stopping processes
	closed    context.Context
	hasten    context.CancelFunc // ends skipGrace
	end       context.CancelFunc // ends closed
	// authority signs the identities of all instances. It is created for the first one.
	authority func() (*identity.Authority, error)
}

// NewCell returns a cell, which the caller must close. From now on, this program is the parent of
// every orphan among the processes that it has started.
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

// Hurry skips the grace period of all processes that are being stopped, now and later.
func (c *Cell) Hurry() { c.hasten() }

// Close ends all processes that the cell's processes have left running.
func (c *Cell) Close() {
	c.end()
	c.processes.killDescendants("", "")
}
