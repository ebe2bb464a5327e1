package gitsource

import (
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
)

// maxIgnored limits the remembered items; after that many, they are forgotten and may be logged again.
const maxIgnored = 1_000

// ignored remembers which items that are not read have been logged.
type ignored struct {
	mutex  sync.Mutex
	logged map[ignoredItem]bool
}

type ignoredItem struct {
	commit plumbing.Hash
	path   string
}

// isNew reports whether an item of a commit has not been logged yet, and remembers it.
func (i *ignored) isNew(commit plumbing.Hash, path string) bool {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	item := ignoredItem{commit, path}
	if i.logged[item] {
		return false
	}
	if i.logged == nil || len(i.logged) >= maxIgnored {
		i.logged = map[ignoredItem]bool{}
	}
	i.logged[item] = true
	return true
}
