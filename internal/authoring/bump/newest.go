package bump

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// releasePath matches a file of a release on GitHub: OWNER/REPOSITORY, and the tag.
var releasePath = regexp.MustCompile(`^(/[^/]+/[^/]+/releases)/download/([^/]+)/[^/]+$`)

// latestSuffix ends the address that redirects to the newest release; tagInfix is in the address
// that it redirects to.
const (
	latestSuffix = "/latest"
	tagInfix     = "/releases/tag/"
)

// maxMoves limits the redirects of a renamed repository.
const maxMoves = 5

// newest returns the version of the newest release, whose tag must have the form of the old one.
func newest(ctx context.Context, from Source, uri, old string) (string, error) {
	parsed, err := url.Parse(uri)
	if err != nil {
		return "", errors.New("the URI in manifest.yml cannot be read")
	}
	match := releasePath.FindStringSubmatch(parsed.Path)
	if match == nil {
		return "", fmt.Errorf("found no GitHub release at %s; state the version", install.Redact(uri))
	}
	prefix, suffix, found := strings.Cut(match[2], old)
	if !found || endsInNumber(prefix) || beginsNumber(suffix) {
		return "", fmt.Errorf("found the tag %q, of which %s is not part; state the version", redact.Text(match[2]), old)
	}
	tag, err := latestTag(ctx, from, &url.URL{Scheme: parsed.Scheme, User: parsed.User, Host: parsed.Host, Path: match[1] + latestSuffix})
	if err != nil {
		return "", err
	}
	version := strings.TrimSuffix(strings.TrimPrefix(tag, prefix), suffix)
	switch {
	case version == old:
		return "", fmt.Errorf("%s: %w", old, ErrNewest)
	case tag != prefix+version+suffix || !versionPattern.MatchString(version):
		return "", fmt.Errorf("found the tag %q of the newest release; expected one such as %q; state the version", redact.Text(tag), match[2])
	}
	return version, nil
}

// latestTag returns the tag to which the address of the newest release redirects.
func latestTag(ctx context.Context, from Source, latest *url.URL) (string, error) {
	asked := install.Redact(latest.String())
	for range maxMoves {
		to, err := from.Redirect(ctx, latest.String())
		if err != nil {
			return "", fmt.Errorf("%s: %w", asked, err)
		}
		if _, tag, ok := strings.Cut(to.Path, tagInfix); ok && tag != "" {
			return tag, nil
		}
		if !strings.HasSuffix(to.Path, latestSuffix) {
			return "", fmt.Errorf("%s redirects to %s, and not to a release", asked, install.Redact(to.String()))
		}
		latest = to
	}
	return "", fmt.Errorf("%s redirects more than %d times", asked, maxMoves)
}
