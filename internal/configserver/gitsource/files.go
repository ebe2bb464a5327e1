package gitsource

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"

	"github.com/go-git/go-git/v5/plumbing"
)

// File implements springlayout.Tree. It follows links only inside the tree.
func (t *tree) File(file string) ([]byte, error) {
	found, err := t.find(file, maxLinks)
	if err != nil {
		return nil, err
	}
	if !isFile(found.mode) {
		return nil, t.explain(file, found, "a file of the repository")
	}
	kind, content, err := t.objects.read(found.hash)
	if limit, is := errors.AsType[*limitError](err); is {
		return nil, &limitError{"the file " + strconv.Quote(file), limit.limit, limit.unit}
	}
	if err == nil && kind != plumbing.BlobObject {
		err = errors.New("found another object; expected a file")
	}
	if err != nil {
		return nil, fmt.Errorf("failed to read %q: %w", file, err)
	}
	if content == nil {
		content = []byte{}
	}
	return content, nil
}

// IsFolder implements springlayout.Tree.
func (t *tree) IsFolder(folder string) (bool, error) {
	found, err := t.find(folder, maxLinks)
	if err == nil && found.mode != modeFolder {
		err = t.explain(folder, found, "a directory of the repository")
	}
	return found.mode == modeFolder, err
}

// Folders implements springlayout.Tree.
func (t *tree) Folders(folder string) ([]string, error) {
	found, err := t.find(folder, maxLinks)
	if err != nil || found.mode != modeFolder {
		return nil, err
	}
	items, err := t.items(found.hash)
	var names []string
	for name, item := range items {
		if item.mode == modeFolder {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, err
}

// explain passes the reason why a path is not used to t.ignored, if there is an item at the path: a folder instead
// of a file, for example, or a link that leads out of the repository. target is the item that find returns.
func (t *tree) explain(file string, target item, expected string) error {
	if t.ignored == nil {
		return nil
	}
	parent := path.Dir(file)
	if parent == "." {
		parent = ""
	}
	folder, err := t.find(parent, maxLinks)
	if err != nil || folder.mode != modeFolder {
		return err
	}
	items, err := t.items(folder.hash)
	found, exists := items[path.Base(file)]
	if err != nil || !exists {
		return err
	}
	is := "a submodule"
	switch {
	case target.mode == modeFolder:
		is = "a directory"
	case isFile(target.mode):
		is = "a file"
	case found.mode == modeLink && target == item{}:
		is = "a link to something that is not in the repository"
	}
	if found.mode == modeLink && (target != item{}) {
		is = "a link to " + is
	}
	t.ignored(file, fmt.Sprintf("it is %s; expected %s", is, expected))
	return nil
}
