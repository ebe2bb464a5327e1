package api

import (
	"context"
	"slices"
	"sync"
	"weak"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

// Limits of a formCache, which fit into the memory that the buildpack reserves for the program.
const (
	maxFormBytes = 2 << 20
	maxForms     = 64
)

// A formCache has the forms of answers that were asked for last. It makes one at a time: a few lines with
// placeholders can make a form of many MB, and a form that fails costs as much as one that does not.
//
// What is larger than it may hold is still shared by all responses that are being written.
type formCache struct {
	making chan struct{} // has an element while a form is made

	mutex sync.Mutex
	made  []*form // the last one was made last
}

// A form is that of an answer, by a name, or why there is none.
type form struct {
	answer weak.Pointer[keep.Answer] // an answer that has been replaced is not held
	name   string
	held   *representation // nil if it is too large to be held
	shared weak.Pointer[representation]
	err    error
}

func newFormCache() *formCache { return &formCache{making: make(chan struct{}, 1)} }

// of returns a form of an answer, and makes it unless it is known. It waits while others are made, until ctx is done.
// The caller keeps the form alive while it writes it.
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

// add forgets the oldest forms in favor of another one.
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
