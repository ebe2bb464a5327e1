package forms

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// maxBranches limits the objects, lists and values of one source. With keys such as a.a.a, a source has more of
// them than keys.
const maxBranches = 500_000

// branch is a key with a value, with children, or with both: one file may set logging.level.org and
// logging.level.org.app.
type branch struct {
	value    any
	hasValue bool
	isItem   bool // its name is the index of an item
	children map[string]*branch
}

// grow builds a tree from one source's flat keys, and records in noPlace those that do not fit into one.
func grow(source environment.PropertySource, noPlace map[string]bool) (*branch, error) {
	root, branches := &branch{}, 0
	for _, key := range source.Keys() {
		if key == conditionKey {
			continue
		}
		path, err := steps(key)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(path[:len(path)-1], func(s step) bool { return s.name == "" }) {
			noPlace[key] = true
			continue
		}
		if branches += len(path); branches > maxBranches {
			return nil, fmt.Errorf("a source whose keys have more than %d levels in total", maxBranches)
		}
		at := root
		for _, step := range path {
			at = at.child(step)
		}
		at.value, at.hasValue = source.Source[key], true
	}
	return root, nil
}

func (b *branch) child(s step) *branch {
	child := b.children[s.name]
	if child == nil {
		child = &branch{isItem: s.isIndex}
		b.set(s.name, child)
	}
	child.isItem = child.isItem && s.isIndex
	return child
}

func (b *branch) set(name string, child *branch) {
	if b.children == nil {
		b.children = map[string]*branch{}
	}
	b.children[name] = child
}

// add merges in a source of lower precedence. An existing value or list wins; an object and an object are
// merged.
func (b *branch) add(lower *branch) {
	if !b.hasValue && !lower.hasValue && !b.isList() && !lower.isList() {
		b.addChildren(lower)
	}
}

func (b *branch) addChildren(lower *branch) {
	for name, below := range lower.children {
		if own := b.children[name]; own != nil {
			own.add(below)
			continue
		}
		below.isItem = false // of a list that would mix two sources
		b.set(name, below)
	}
}

// isList reports whether the children are items 0 to n-1. A list cannot represent an item that has both a value
// and children.
func (b *branch) isList() bool {
	for name, child := range b.children {
		if !child.isItem || child.hasValue && child.children != nil {
			return false
		}
		if index, err := strconv.Atoi(name); err != nil || index >= len(b.children) {
			return false
		}
	}
	return b.children != nil
}
