// Package platform is a small Cloud Foundry on one machine: it stages apps with
// the platform's own builder, and runs droplets with its launcher, as the
// platform would.
package platform

import (
	"context"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
)

// gracefulShutdown is how long the platform waits between SIGTERM and SIGKILL
// (CF-17).
const gracefulShutdown = 10 * time.Second

// A Platform stages and runs apps. It leaves nothing behind: no process, no
// file below TempDir.
type Platform struct {
	Lifecycle Lifecycle
	// Init is the file of the program that becomes the init of each container: its main
	// calls container.Init where it is called container.InitName.
	Init    string
	Builtin Builtin
	// Environ is the environment of the platform itself, of which it hands on
	// what a container would have.
	Environ []string
	// TempDir is where it works; empty stands for the system's.
	TempDir string

	clock  clock.Clock
	family processTree
	told   sync.Map // lines that are said once
	clear  sync.Once
	ports  ports
	boards status.Registry
	hurry  context.Context // done: no more grace for what is being stopped
	closed context.Context
	hasten context.CancelFunc // ends hurry
	end    context.CancelFunc // ends closed
	// authority is that of all instances' identities. It is made for the first one.
	authority func() (*identity.Authority, error)
}

// New returns a platform, which is to be closed. From now on this program is the
// parent of every orphan among the processes that it started.
func New(lifecycle Lifecycle, init string, builtin Builtin, environ []string, tempDir string) *Platform {
	adoptOrphans()
	p := &Platform{Lifecycle: lifecycle, Init: init, Builtin: builtin, Environ: environ, TempDir: tempDir, clock: clock.System{}}
	p.authority = sync.OnceValues(func() (*identity.Authority, error) { return identity.NewAuthority(time.Now()) })
	p.hurry, p.hasten = context.WithCancel(context.Background())
	p.closed, p.end = context.WithCancel(context.Background())
	p.family.remember()
	go p.family.reap(p.closed.Done())
	return p
}

// Hurry lets nothing that is being stopped, or will be, have any more time for
// it.
func (p *Platform) Hurry() {
	p.hasten()
}

// Running are the apps that this platform runs, sorted by name.
func (p *Platform) Running() []status.RunningApp { return p.boards.Running() }

// Close ends whatever the platform's processes have left behind, and gives back
// the ports.
func (p *Platform) Close() {
	p.end()
	p.family.killDescendants("", "")
	p.ports.close()
}

// sayLacks says what containers lack on this machine, each thing once.
func (p *Platform) sayLacks(c *container, source string, index int, log *show.Log) {
	for _, lack := range c.lacks() {
		if _, said := p.told.LoadOrStore(lack, true); !said {
			log.Line(source, index, show.Err, lack)
		}
	}
}
