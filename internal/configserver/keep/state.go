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

// maxAtOnce limits how many requests other than the main one are fetched at once.
const maxAtOnce = 4

// Keeper keeps the answers. Its methods are safe for concurrent use.
type Keeper struct {
	options Options
	rules   *rules
	sources []*source
	main    *Subject
	flights singleflight.Group
	slots   chan struct{} // for fetches on demand

	mutex    sync.Mutex
	ready    bool
	subjects map[string]*Subject // all but main
}

// inUse returns the subjects, other than main, that were requested recently, or whose change a client waits for.
func (k *Keeper) inUse() []*Subject {
	const idle = 5 // intervals
	k.mutex.Lock()
	defer k.mutex.Unlock()
	var all []*Subject
	for _, s := range k.subjects {
		if s.waiting.Load() > 0 || k.options.Clock.Now().Sub(s.lastUsed()) <= idle*k.options.Interval {
			all = append(all, s)
		}
	}
	return all
}
