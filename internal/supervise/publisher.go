package supervise

import (
	"encoding/json"
	"path/filepath"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/atomicfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// A publisher holds the state of one supervised command, and writes it to the file at path after
// each change. Other supervisors and sidecar ps read that file.
type publisher struct {
	path  string
	state supervision.State
	warn  func(format string, args ...any)
	told  bool // a failed write has been logged
}

// update calls change, and publishes the state if that has changed it.
func (b *publisher) update(change func(*supervision.State)) {
	before := b.state
	change(&b.state)
	if b.state == before {
		return
	}
	if b.state.Phase != before.Phase {
		b.state.Since = time.Now()
	}
	if err := b.publish(); err != nil && !b.told {
		b.told = true
		b.warn("cannot publish status: %s", err)
	}
}

func (b *publisher) publish() error {
	state := b.state
	state.Version = supervision.StateVersion
	content, err := json.Marshal(state)
	if err != nil {
		return err
	}
	if err := supervision.MakeRunDirectory(filepath.Dir(b.path)); err != nil {
		return err
	}
	if err := atomicfile.Write(b.path, content, 0o600); err != nil {
		return err
	}
	wakeWaiters(b.path)
	return nil
}
