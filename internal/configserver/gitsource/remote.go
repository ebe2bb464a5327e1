package gitsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// remoteRepository is a repository behind http or https.
type remoteRepository struct {
	connection *connection
	options    Options

	store  *store
	latest plumbing.Hash            // the last commit whose objects are all in the store
	known  map[string]plumbing.Hash // commits by the requested hash or its start
}

func newRemote(settings Settings, options Options) (*remoteRepository, error) {
	connection, err := connect(settings, options.Limits)
	if err != nil {
		return nil, err
	}
	return &remoteRepository{connection: connection, options: options, store: newStore(options), known: map[string]plumbing.Hash{}}, nil
}

func (r *remoteRepository) Close() error { return r.startAnew() }

func (r *remoteRepository) references(ctx context.Context) (*references, error) {
	return r.connection.references(ctx)
}

// commit finds a commit by its hash or the start of it. A server lists only the commits that branches and tags
// name. It requests others by their full hash if the server allows that, and otherwise fetches everything.
func (r *remoteRepository) commit(ctx context.Context, refs *references, number string) (plumbing.Hash, error) {
	if found, known := r.known[number]; known {
		return found, nil
	}
	whole := plumbing.IsHash(number)
	for _, tip := range refs.tips() {
		if whole && tip.String() == number {
			return tip, nil
		}
	}
	if !whole || !r.answersNumbers(refs) {
		if err := r.fetchHistory(ctx, refs); err != nil {
			return plumbing.ZeroHash, err
		}
	} else if err := r.fetch(ctx, refs, plumbing.NewHash(number)); err != nil {
		if errors.Is(err, environment.ErrUnauthorized) || ctx.Err() != nil {
			return plumbing.ZeroHash, err
		}
		return plumbing.ZeroHash, &environment.NotFoundError{Message: fmt.Sprintf("the git server does not answer the commit %s", number)}
	}
	found, err := r.store.commit(number)
	if err == nil {
		r.known[number] = found
	}
	return found, err
}

func (r *remoteRepository) answersNumbers(refs *references) bool {
	return refs.capabilities.Supports(capability.AllowReachableSHA1InWant) || refs.capabilities.Supports("allow-any-sha1-in-want")
}

// open returns the objects of a commit, and fetches those that are missing.
func (r *remoteRepository) open(ctx context.Context, refs *references, commit plumbing.Hash) (objects, error) {
	if r.store.complete[commit] {
		return r.store, nil
	}
	if err := r.fetch(ctx, refs, commit); err != nil {
		return nil, err
	}
	return r.store, nil
}

// fetch gets the objects of a commit without its history: those that the last commit did not have, or all of
// them if that fails.
func (r *remoteRepository) fetch(ctx context.Context, refs *references, commit plumbing.Hash) error {
	if !refs.capabilities.Supports(capability.Shallow) {
		return r.fetchHistory(ctx, refs)
	}
	if len(r.store.packs) >= r.options.Limits.Packs {
		if err := r.startAnew(); err != nil {
			return err
		}
	}
	wanted := request(refs, r.options.Limits, commit)
	wanted.Depth = packp.DepthCommits(1)
	wanted.Capabilities.Set(capability.Shallow)
	if !r.latest.IsZero() {
		wanted.Haves, wanted.Shallows = []plumbing.Hash{r.latest}, []plumbing.Hash{r.latest}
	}
	err := r.download(ctx, wanted)
	if err == nil {
		err = r.store.check(commit)
	}
	if _, tooLarge := errors.AsType[*limitError](err); err != nil && !r.latest.IsZero() && ctx.Err() == nil && !tooLarge {
		if err = r.startAnew(); err != nil {
			return err
		}
		return r.fetch(ctx, refs, commit)
	}
	if err != nil {
		return failure(ctx, "fetch from", r.connection.authenticated(), err)
	}
	r.latest = commit
	r.store.complete[commit] = true
	return nil
}

// fetchHistory gets everything that branches and tags lead to.
func (r *remoteRepository) fetchHistory(ctx context.Context, refs *references) error {
	tips := refs.tips()
	if r.store.history && r.store.has(tips) {
		return nil
	}
	if len(tips) == 0 {
		return &environment.NotFoundError{Message: "the git repository is empty"}
	}
	if err := r.startAnew(); err != nil {
		return err
	}
	if err := r.download(ctx, request(refs, r.options.Limits, tips...)); err != nil {
		return failure(ctx, "fetch from", r.connection.authenticated(), err)
	}
	r.store.history = true
	for _, tip := range tips {
		r.store.complete[tip] = true
	}
	return nil
}

// download adds the server's answer to the store, and then frees memory: downloads are rare, and need more memory
// than the polls in between.
func (r *remoteRepository) download(ctx context.Context, wanted *packp.UploadPackRequest) error {
	defer debug.FreeOSMemory()
	return r.connection.download(ctx, wanted, func(content io.Reader) error { return r.store.add(ctx, content) })
}

func (r *remoteRepository) startAnew() error {
	r.latest = plumbing.ZeroHash
	err := r.store.Close()
	r.store = newStore(r.options)
	return err
}
