package gitsource

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// capabilities lists what a server supports.
type capabilities = *capability.List

// repository has references, and the trees of commits. Only one goroutine may use it at a time.
type repository interface {
	// references lists the branches and tags. Each poll does this.
	references(ctx context.Context) (*references, error)
	// commit returns the commit with a hexadecimal hash, or the only one whose hash starts with these digits.
	commit(ctx context.Context, refs *references, number string) (plumbing.Hash, error)
	// open returns the objects of a commit.
	open(ctx context.Context, refs *references, commit plumbing.Hash) (objects, error)
	io.Closer
}

// references are the branches and tags of a repository at one moment, and the commits that they name.
type references struct {
	commits map[string]plumbing.Hash // by full names, such as refs/heads/main
	// head is the commit of the default branch, or zero if there is none.
	head plumbing.Hash
	// capabilities lists what the server supports. A local repository does not need it.
	capabilities capabilities
}

// The branches that Spring uses for requests without a label.
const (
	defaultLabel  = "main"
	formerDefault = "master"
)

// labelOr returns the label to use for a request: its own label, the one in the settings (fallback), or main.
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

// number matches a commit's hash, or the start of one.
var number = regexp.MustCompile(`^[0-9a-fA-F]{4,40}$`)

// resolve returns the commit that a label names: a branch, a tag, a full name, or a commit.
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
		return from.commit(ctx, refs, strings.ToLower(wanted))
	}
	return plumbing.ZeroHash, noLabel(label, fallback, wanted)
}

// noLabel returns the error for a label that does not exist. wanted is the label that was looked for.
func noLabel(label, fallback, wanted string) error {
	if label == "" && fallback == "" {
		return &environment.NotFoundError{Message: "the git repository has no branch main and no branch master; expected one, or a label: set CONFIG_SERVER_GIT_LABEL to a branch or a tag"}
	}
	return &environment.NotFoundError{Message: fmt.Sprintf("the git repository has no branch, tag or commit %s", strconv.Quote(wanted[:min(len(wanted), 100)]))}
}

// tips returns the commits of all branches and tags, without duplicates.
func (r *references) tips() []plumbing.Hash {
	var tips []plumbing.Hash
	for _, commit := range r.commits {
		tips = append(tips, commit)
	}
	plumbing.HashesSort(tips)
	return slices.Compact(tips)
}
