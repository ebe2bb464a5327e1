package platformtest

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A StoppedClock is one whose time passes when a spec lets it.
type StoppedClock struct {
	mutex    sync.Mutex
	now      time.Time
	sleepers map[*sleeper]bool
}

type sleeper struct {
	until time.Time
	woken chan struct{}
}

// NewStoppedClock is a clock that is stopped at noon of a day.
func NewStoppedClock() *StoppedClock {
	return &StoppedClock{now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), sleepers: map[*sleeper]bool{}}
}

// Now is the time at which the clock is stopped.
func (c *StoppedClock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

// Sleep waits until the clock is put forward by the duration, and is false if the context ends
// before that.
func (c *StoppedClock) Sleep(ctx context.Context, duration time.Duration) bool {
	c.mutex.Lock()
	s := &sleeper{until: c.now.Add(duration), woken: make(chan struct{})}
	c.sleepers[s] = true
	c.mutex.Unlock()
	defer func() {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		delete(c.sleepers, s)
	}()
	select {
	case <-s.woken:
		return true
	case <-ctx.Done():
		return false
	}
}

// Sleeping is how long each that sleeps has still to do so, the shortest first.
// Sleep waits until the clock is put forward by the duration, and is false if the context ends
// before that.
func (c *StoppedClock) Sleeping() []time.Duration {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	var left []time.Duration
	for s := range c.sleepers {
		left = append(left, s.until.Sub(c.now))
	}
	slices.Sort(left)
	return left
}

// Pass lets time pass, and wakes those whose time is up.
func (c *StoppedClock) Pass(duration time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(duration)
	for s := range c.sleepers {
		if !s.until.After(c.now) {
			delete(c.sleepers, s)
			close(s.woken)
		}
	}
}
