package run

import (
	"fmt"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// runningAtLeast is how long an instance without a health check must run to count as started. Diego
// calls it RUNNING as soon as its processes exist; the cf CLI polls every three seconds.
const runningAtLeast = 3 * time.Second

// starts detects that a process type never starts: all of its instances have crashed, none has ever
// started, and Diego restarts none of them at once. At that point, cf push gives up (cf CLI,
// actor/v7action, PollProcess), and so does a run.
type starts struct {
	mutex     sync.Mutex
	instances map[string]int          // by process type
	crashed   map[string]map[int]bool // instances that wait for their next start
	succeeded map[string]bool
}

// success notes that an instance of a process type has started.
func (s *starts) success(processType string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.succeeded[processType] = true
}

// again notes that a crashed instance is restarted.
func (s *starts) again(processType string, index int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.crashed[processType], index)
}

// failed notes that an instance has crashed and waits. It returns true if now all instances of the
// process type wait, and none has ever started.
func (s *starts) failed(processType string, index int) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.crashed[processType][index] = true
	return !s.succeeded[processType] && len(s.crashed[processType]) == s.instances[processType]
}

// A StartError says that an app has never started.
type StartError struct {
	App, ProcessType string
	Index            int
	Crashes          int
	// Reason is the description of the last crash.
	Reason string
}

func (e *StartError) Error() string {
	return fmt.Sprintf("start unsuccessful: %s/%d of %s has crashed %d times and was never up; cf push gives up here, too. The last reason: %s",
		e.ProcessType, e.Index, printable.OneLine(e.App), e.Crashes, e.Reason)
}
