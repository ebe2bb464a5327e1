package dependency

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/paketo-buildpacks/packit/v2/postal"
)

// Locate is where to fetch a file from: its URI, or that of a mirror or mapping,
// which are looked for where packit's postal looks for them: the environment
// variables BP_DEPENDENCY_MIRROR and BP_DEPENDENCY_MIRROR_HOST, and bindings of
// the types dependency-mirror and dependency-mapping, in VCAP_SERVICES for one.
// Checksum has the algorithm in front, as in sha256:DIGITS. Platform is a
// directory that may have a directory of bindings.
func Locate(uri, checksum, platform string) (located string, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the environment has a variable that looks like one of a dependency mirror and is none; " +
				"expected BP_DEPENDENCY_MIRROR, or BP_DEPENDENCY_MIRROR_ and a host's name")
		}
	}()
	if strings.HasPrefix(uri, "file:") {
		return uri, nil // it is here already
	}
	// What postal finds, it tells its transport alone.
	var asked noted
	err = postal.NewService(&asked).Deliver(postal.Dependency{URI: uri, Checksum: checksum}, "", "", platform)
	switch {
	case asked.uri != "":
	case strings.Contains(err.Error(), "://"):
		// A URL of what may hold a password. Of the error, postal leaves no more than
		// its text.
		return "", errors.New("failed to look for a mirror: its URL cannot be read")
	default:
		return "", fmt.Errorf("failed to look for a mirror: %w", err)
	}
	return asked.uri, nil
}

// noted is a transport that fetches nothing.
type noted struct{ uri string }

func (n *noted) Drop(_, uri string) (io.ReadCloser, error) {
	n.uri = uri
	return nil, errors.New("only noted")
}
