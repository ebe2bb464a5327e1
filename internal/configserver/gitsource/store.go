package gitsource

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// store holds the fetched objects in files without names: no other process can open them, and they disappear
// with this process, however it ends.
type store struct {
	options  Options
	packs    []*pack
	complete map[plumbing.Hash]bool // commits whose objects are all there
	history  bool                   // whether all commits of the repository were fetched
	bytes    int64
}

func newStore(options Options) *store {
	return &store{options: options, complete: map[plumbing.Hash]bool{}}
}

func (s *store) Close() error {
	var all error
	for _, p := range s.packs {
		all = errors.Join(all, p.Close())
	}
	s.packs = nil
	return all
}

// add stores a pack.
func (s *store) add(ctx context.Context, content io.Reader) (err error) {
	file, err := nameless(s.options.Directory)
	if err != nil {
		return &storeError{"keep the objects of git", err}
	}
	added := &pack{file: file, limits: s.options.Limits}
	defer func() {
		if err != nil {
			_ = added.Close() // its content is lost anyway
		}
	}()
	size, err := io.Copy(file, readerOf(ctx, content))
	if err != nil {
		return err
	}
	if s.bytes += size; s.bytes > s.options.Limits.Pack {
		return &limitError{"a repository", s.options.Limits.Pack, "bytes, compressed"}
	}
	if err := added.index(ctx, s.options.Directory); err != nil {
		if _, is := errors.AsType[*limitError](err); is {
			return err
		}
		return &storeError{"read the objects of git", err}
	}
	s.packs = append(s.packs, added)
	return nil
}

// read implements objects.
func (s *store) read(hash plumbing.Hash) (plumbing.ObjectType, []byte, error) {
	for _, p := range s.packs {
		offset, err := p.find(hash)
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			continue
		}
		if err != nil {
			return plumbing.InvalidObject, nil, err
		}
		return p.object(offset)
	}
	// The server omits what is too large, and index omits deltas of large objects.
	return plumbing.InvalidObject, nil, &limitError{"an object", s.options.Limits.File, "bytes"}
}

// check fails unless a commit and its root folder are there.
func (s *store) check(commit plumbing.Hash) error {
	root, err := newTree(s, commit)
	if err != nil {
		return &storeError{"find the commit", err}
	}
	_, err = root.Folders("")
	return err
}

func (s *store) has(commits []plumbing.Hash) bool {
	for _, commit := range commits {
		if !s.complete[commit] {
			return false
		}
	}
	return true
}

// commit finds a commit by its hash, or by the start of it.
func (s *store) commit(number string) (plumbing.Hash, error) {
	found := map[plumbing.Hash]bool{}
	for _, p := range s.packs {
		hashes, err := p.begin(number)
		if err != nil {
			return plumbing.ZeroHash, &storeError{"find a commit", err}
		}
		for _, hash := range hashes {
			if kind, _, err := s.read(hash); err == nil && kind == plumbing.CommitObject {
				found[hash] = true
				s.complete[hash] = s.complete[hash] || s.history
			}
		}
	}
	for hash := range found {
		if len(found) == 1 {
			return hash, nil
		}
	}
	message := fmt.Sprintf("the git repository has no branch, tag or commit %q", number)
	if len(found) > 1 {
		message = fmt.Sprintf("the git repository has %d commits that begin with %s; expected more digits", len(found), number)
	}
	return plumbing.ZeroHash, &environment.NotFoundError{Message: message}
}
