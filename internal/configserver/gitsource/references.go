package gitsource

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// capabilities are what a server offers.
type capabilities = *capability.List

// A repository has references and the trees of commits. It is used by one goroutine at a time.
type repository interface {
	// references asks what branches and tags there are. It is what each poll does.
	references(ctx context.Context) (*references, error)
	// commit finds the commit that a hexadecimal number is, or begins.
	commit(ctx context.Context, refs *references, number string) (plumbing.Hash, error)
	// open has the objects of a commit.
	open(ctx context.Context, refs *references, commit plumbing.Hash) (objects, error)
	io.Closer
}

// references are the branches and tags of a repository at one moment, with the commits that they name.
type references struct {
	commits map[string]plumbing.Hash // by full names, such as refs/heads/main
	// head is the commit of the branch that the repository has for its own; zero if there is none.
	head plumbing.Hash
	// capabilities are what the server offers, and a repository on this machine does not need.
	capabilities capabilities
}

// The branches for a request without a label, as Spring has them.
const (
	defaultLabel  = "main"
	formerDefault = "master"
)

// labelOr is the label that a request means which has this one; fallback is that of the settings.
func labelOr(label, fallback string) string {
	switch {
	case label != "":
		return label
	case fallback != "":
		return fallback
	default:
		return defaultLabel
	}
}

// number is what a commit may be called: its hash, or the beginning of that.
var number = regexp.MustCompile(`^[0-9a-f]{4,40}$`)

// resolve is the commit of a label: that of a branch, of a tag, of a full name, or itself.
func resolve(ctx context.Context, from repository, refs *references, label, fallback string) (plumbing.Hash, error) {
	wanted := labelOr(label, fallback)
	for _, name := range []string{"refs/heads/" + wanted, "refs/tags/" + wanted, "refs/" + wanted, wanted} {
		if commit, found := refs.commits[name]; found {
			return commit, nil
		}
	}
	if wanted == "HEAD" && !refs.head.IsZero() {
		return refs.head, nil
	}
	if former, found := refs.commits["refs/heads/"+formerDefault]; found && label == "" && fallback == "" {
		return former, nil
	}
	if number.MatchString(wanted) {
		return from.commit(ctx, refs, wanted)
	}
	return plumbing.ZeroHash, noLabel(label, fallback, wanted)
}

// noLabel says that there is no such label, and what there is.
func noLabel(label, fallback, wanted string) error {
	if label == "" && fallback == "" {
		return &environment.NotFoundError{Message: "the git repository has no branch main and no branch master; expected one, or a label: set CONFIG_SERVER_GIT_LABEL to a branch or a tag"}
	}
	return &environment.NotFoundError{Message: fmt.Sprintf("the git repository has no branch, tag or commit %s", strconv.Quote(wanted[:min(len(wanted), 100)]))}
}

// tips are the commits of all branches and tags, each once.
func (r *references) tips() []plumbing.Hash {
	var tips []plumbing.Hash
	for _, commit := range r.commits {
		tips = append(tips, commit)
	}
	plumbing.HashesSort(tips)
	return slices.Compact(tips)
}
