package api

import (
	"context"
	"slices"
	"sync"
	"weak"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

// Limits of a formCache, chosen to fit into the memory that the buildpack reserves for the program.
const (
	maxFormBytes = 2 << 20
	maxForms     = 64
)

// formCache caches the most recently requested forms of answers. It renders one at a time: a few lines with
// placeholders can produce a form of many MB, and a failing form costs as much as a good one.
//
// A form that is too large for the cache is still shared by all responses that are being written.
type formCache struct {
	making chan struct{} // holds an element while a form is being rendered

	mutex sync.Mutex
	made  []*form // most recently rendered last
}

// form is a named form of an answer, or the reason why it cannot be rendered.
type form struct {
	answer weak.Pointer[keep.Answer] // weak: the cache does not keep a replaced answer alive
	name   string
	held   *representation // nil if too large to cache
	shared weak.Pointer[representation]
	err    error
}

func newFormCache() *formCache { return &formCache{making: make(chan struct{}, 1)} }

// of returns a form of an answer, and renders it unless it is cached. While other forms are being rendered, it
// waits until ctx is done. The caller must keep the form alive while writing it.
func (c *formCache) of(ctx context.Context, answer *keep.Answer, name string, render func() (*representation, error)) (*representation, error) {
	if r, err, known := c.find(answer, name); known {
		return r, err
	}
	select {
	case c.making <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.making }()
	if r, err, known := c.find(answer, name); known {
		return r, err
	}
	r, err := render()
	c.add(&form{answer: weak.Make(answer), name: name, held: r, shared: weak.Make(r), err: err})
	return r, err
}

func (c *formCache) find(answer *keep.Answer, name string) (r *representation, err error, known bool) {
	of := weak.Make(answer)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, f := range c.made {
		if f.answer == of && f.name == name {
			r = f.shared.Value()
			return r, f.err, r != nil || f.err != nil
		}
	}
	return nil, nil, false
}

// add caches a form, and drops the oldest ones to make room.
func (c *formCache) add(next *form) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.made = append(slices.DeleteFunc(c.made, func(f *form) bool {
		return f.answer.Value() == nil || f.answer == next.answer && f.name == next.name || f.err == nil && f.shared.Value() == nil
	}), next)
	c.made = slices.Delete(c.made, 0, max(0, len(c.made)-maxForms))
	bytes := 0
	for _, f := range slices.Backward(c.made) {
		if f.held == nil {
			continue
		}
		if bytes += len(f.held.body); bytes > maxFormBytes {
			f.held = nil
		}
	}
}
