package gitsource

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// objects reads the objects of a repository.
type objects interface {
	// read returns one object. It fails with a *limitError if the object is too large, and with
	// plumbing.ErrObjectNotFound if it does not exist.
	read(hash plumbing.Hash) (plumbing.ObjectType, []byte, error)
}

// tree is the tree of a commit. It implements springlayout.Tree.
type tree struct {
	objects objects
	root    plumbing.Hash
	folders map[plumbing.Hash]map[string]item
	// ignored receives the reason why an existing path is not used; it may be nil.
	ignored func(path, reason string)
}

// item is an entry of a folder.
type item struct {
	mode string
	hash plumbing.Hash
}

// Modes of items. A submodule (160000) is none of these, and left out.
const (
	modeFolder = "40000"
	modeLink   = "120000"
)

func isFile(mode string) bool { return mode == "100644" || mode == "100755" || mode == "100664" }

const (
	maxLinks  = 20    // in one path
	maxCached = 2_000 // cached folders
	maxTarget = 4_096 // bytes of a link's target
	hashSize  = len(plumbing.Hash{})
)

func newTree(objects objects, commit plumbing.Hash) (*tree, error) {
	kind, content, err := objects.read(commit)
	if err != nil {
		return nil, err
	}
	root, is := strings.CutPrefix(firstLine(content), "tree ")
	if kind != plumbing.CommitObject || !is || !plumbing.IsHash(root) {
		return nil, errors.New("found another object; expected a commit")
	}
	return &tree{objects: objects, root: plumbing.NewHash(root), folders: map[plumbing.Hash]map[string]item{}}, nil
}

func firstLine(content []byte) string {
	line, _, _ := bytes.Cut(content, []byte("\n"))
	return string(line)
}

// find follows a path from the root. It returns the zero item if nothing is there.
func (t *tree) find(file string, links int) (item, error) {
	at, here := item{modeFolder, t.root}, ""
	if file == "" {
		return at, nil
	}
	names := strings.Split(file, "/")
	for i, name := range names {
		if at.mode != modeFolder {
			return item{}, nil
		}
		items, err := t.items(at.hash)
		if err != nil {
			return item{}, fmt.Errorf("failed to read the folder %q: %w", here, err)
		}
		at = items[name]
		if at.mode == modeLink {
			return t.follow(at, here, names[i+1:], links)
		}
		here = path.Join(here, name)
	}
	return at, nil
}

// follow returns the item that a link in a folder leads to, after the rest of the path.
func (t *tree) follow(link item, folder string, rest []string, links int) (item, error) {
	if links == 0 {
		return item{}, nil
	}
	_, target, err := t.objects.read(link.hash)
	if err != nil || len(target) > maxTarget || path.IsAbs(string(target)) {
		return item{}, err
	}
	to := path.Join(append([]string{folder, string(target)}, rest...)...)
	if to == ".." || strings.HasPrefix(to, "../") {
		return item{}, nil
	}
	if to == "." {
		to = ""
	}
	return t.find(to, links-1)
}

// items returns the entries of a folder.
func (t *tree) items(hash plumbing.Hash) (map[string]item, error) {
	if items, known := t.folders[hash]; known {
		return items, nil
	}
	kind, content, err := t.objects.read(hash)
	if err != nil {
		return nil, err
	}
	malformed := errors.New("found another object, or a damaged one; expected a folder")
	if kind != plumbing.TreeObject {
		return nil, malformed
	}
	items := map[string]item{}
	for len(content) > 0 {
		head, tail, found := bytes.Cut(content, []byte{0})
		mode, name, has := strings.Cut(string(head), " ")
		if !found || !has || len(tail) < hashSize {
			return nil, malformed
		}
		items[name] = item{strings.TrimLeft(mode, "0"), plumbing.Hash(tail[:hashSize])}
		content = tail[hashSize:]
	}
	if len(t.folders) < maxCached {
		t.folders[hash] = items
	}
	return items, nil
}
