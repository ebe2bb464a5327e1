package keep

import (
	"sync"

	"golang.org/x/sync/singleflight"
)

// Limits for the answers to requests other than the main one.
const (
	maxSubjects = 32
	maxBytes    = 2 << 20
)

// maxAtOnce is how many requests other than the main one have the sources asked at once.
const maxAtOnce = 4

// A Keeper has the answers. Its methods may be called at the same time.
type Keeper struct {
	options Options
	rules   *rules
	sources []*source
	main    *Subject
	flights singleflight.Group
	slots   chan struct{} // of on-demand fetches

	mutex    sync.Mutex
	ready    bool
	subjects map[string]*Subject // all but main
}

// inUse are the subjects other than main that were asked for lately.
func (k *Keeper) inUse() []*Subject {
	const idle = 5 // intervals
	k.mutex.Lock()
	defer k.mutex.Unlock()
	var all []*Subject
	for _, s := range k.subjects {
		if k.options.Clock.Now().Sub(s.lastUsed()) <= idle*k.options.Interval {
			all = append(all, s)
		}
	}
	return all
}
