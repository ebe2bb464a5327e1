// Package keep polls the sources of configuration, and keeps the last good answer of each: while a source is
// down, and across restarts.
package keep

import (
	"context"
	"sync"
)

// New returns a Keeper that has asked the static sources, and loaded the answers of an earlier run. Run polls
// the others.
func New(ctx context.Context, options Options) *Keeper {
	rules := &rules{clock: options.Clock, newDecrypter: options.NewDecrypter}
	k := &Keeper{options: options, rules: rules, subjects: map[string]*Subject{}, slots: make(chan struct{}, maxAtOnce)}
	for i, origin := range options.Sources {
		k.sources = append(k.sources, newSource(i, origin))
		rules.static = append(rules.static, origin.Static)
	}
	k.main = newSubject(options.Main, rules)
	k.main.form = options.Form
	k.restore(k.main)
	for _, source := range k.sources {
		if source.static {
			if err := k.fetch(ctx, source, k.main); err != nil {
				k.options.Logf("The source %q cannot be read: %s", source.Name(), sentence(err))
			}
		}
	}
	return k
}

// Run polls the sources until ctx is done, and then closes them.
func (k *Keeper) Run(ctx context.Context) {
	var polls sync.WaitGroup
	for _, source := range k.sources {
		if !source.static {
			polls.Go(func() { k.poll(ctx, source) })
		}
	}
	polls.Wait()
	for _, source := range k.sources {
		k.close(source.origin())
	}
}

// Main returns the subject of the app's own request. It may have no answer yet.
func (k *Keeper) Main() *Subject { return k.main }
