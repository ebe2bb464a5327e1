package gitsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// localRepository is a repository on this machine. It is read in place, without a checkout and without running
// git.
type localRepository struct {
	directory string
	limits    Limits
	storage   *filesystem.Storage // new for each Fetch: git may have repacked the repository
}

func (l *localRepository) Close() error { return nil }

func (l *localRepository) references(context.Context) (*references, error) {
	directory, err := gitDirectory(l.directory)
	if err != nil {
		return nil, err
	}
	l.storage = filesystem.NewStorageWithOptions(osfs.New(directory), cache.NewObjectLRU(maxBases), filesystem.Options{
		AlternatesFS: osfs.New("/"), LargeObjectThreshold: l.limits.File,
	})
	if config, err := l.storage.Config(); err == nil && config.Raw.Section("extensions").Option("objectformat") == "sha256" {
		return nil, fmt.Errorf("failed to open the git repository: %w", errSHA256)
	}
	all, err := l.storage.IterReferences()
	if err != nil {
		return nil, fmt.Errorf("failed to list the branches of the git repository: %w", err)
	}
	refs := &references{commits: map[string]plumbing.Hash{}, capabilities: capability.NewList()}
	err = all.ForEach(func(ref *plumbing.Reference) error {
		target, err := storer.ResolveReference(l.storage, ref.Name())
		if err != nil {
			return nil // a branch without a commit
		}
		switch {
		case ref.Name() == plumbing.HEAD:
			refs.head = target.Hash()
		case ref.Name().IsTag():
			refs.commits[ref.Name().String()] = l.peel(target.Hash())
		default:
			refs.commits[ref.Name().String()] = target.Hash()
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to list the branches of the git repository: %w", err)
	}
	return refs, nil
}

// peel follows annotated tags.
func (l *localRepository) peel(hash plumbing.Hash) plumbing.Hash {
	for range maxLinks {
		kind, content, err := l.read(hash)
		target, is := strings.CutPrefix(firstLine(content), "object ")
		if err != nil || kind != plumbing.TagObject || !is || !plumbing.IsHash(target) {
			return hash
		}
		hash = plumbing.NewHash(target)
	}
	return hash
}

// commit implements repository.
func (l *localRepository) commit(_ context.Context, _ *references, number string) (plumbing.Hash, error) {
	candidates := []plumbing.Hash{plumbing.NewHash(number)}
	if !plumbing.IsHash(number) {
		var err error
		if candidates, err = l.storage.HashesWithPrefix(prefixBytes(number)); err != nil {
			return plumbing.ZeroHash, fmt.Errorf("failed to find a commit in the git repository: %w", err)
		}
	}
	var found []plumbing.Hash
	for _, hash := range candidates {
		if kind, _, err := l.read(hash); err == nil && kind == plumbing.CommitObject && strings.HasPrefix(hash.String(), number) {
			found = append(found, hash)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return plumbing.ZeroHash, &environment.NotFoundError{Message: fmt.Sprintf("the git repository has no branch, tag or commit %q", number)}
	}
	return plumbing.ZeroHash, &environment.NotFoundError{Message: fmt.Sprintf("the git repository has %d commits that begin with %s; expected more digits", len(found), number)}
}

// prefixBytes returns the whole bytes at the start of hexadecimal digits.
func prefixBytes(digits string) []byte {
	whole := digits[:len(digits)/2*2]
	hash := plumbing.NewHash(whole + strings.Repeat("0", 40-len(whole)))
	return hash[:len(whole)/2]
}

func (l *localRepository) open(context.Context, *references, plumbing.Hash) (objects, error) {
	return l, nil
}

// read implements objects.
func (l *localRepository) read(hash plumbing.Hash) (plumbing.ObjectType, []byte, error) {
	size, err := l.storage.EncodedObjectSize(hash)
	if err != nil && !errors.Is(err, plumbing.ErrObjectNotFound) { // EncodedObject also looks into the repositories that share their objects
		return plumbing.InvalidObject, nil, err
	}
	if size > l.limits.File {
		return plumbing.InvalidObject, nil, &limitError{"an object", l.limits.File, "bytes"}
	}
	object, err := l.storage.EncodedObject(plumbing.AnyObject, hash)
	if err != nil {
		return plumbing.InvalidObject, nil, err
	}
	if object.Size() > l.limits.File {
		return plumbing.InvalidObject, nil, &limitError{"an object", l.limits.File, "bytes"}
	}
	reader, err := object.Reader()
	if err != nil {
		return plumbing.InvalidObject, nil, err
	}
	content, err := io.ReadAll(io.LimitReader(reader, l.limits.File+1))
	return object.Type(), content, errors.Join(err, reader.Close())
}

// gitDirectory returns where a repository's objects are: in .git of a work tree, or in the directory itself.
func gitDirectory(directory string) (string, error) {
	for _, candidate := range []string{filepath.Join(directory, ".git"), directory} {
		info, err := os.Stat(filepath.Join(candidate, "objects"))
		if err == nil && info.IsDir() {
			return candidate, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !isNotDirectory(err) {
			return "", fmt.Errorf("failed to open the git repository: %w", err)
		}
	}
	return "", fmt.Errorf("failed to open the git repository: found none in %s; expected a directory with .git, or a bare repository", directory)
}

// isNotDirectory reports whether a part of a path is a file, such as .git of a linked work tree.
func isNotDirectory(err error) bool { return errors.Is(err, syscall.ENOTDIR) }
