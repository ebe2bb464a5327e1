package cli

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/family"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
)

// A member is a sidecar buildpack of a push.
type member struct {
	family.Buildpack
	source   string // its name in the push
	position int
	index    string // of its deps directory
	follows  bool   // another buildpack precedes it
	last     bool   // no other buildpack follows it
}

// String names the buildpack for messages.
func (m member) String() string {
	return fmt.Sprintf("%s, the buildpack in position %d of this push", printable.Name(m.Name), m.position)
}

// foundBuildpacks are the sidecar buildpacks of a push, in its order.
type foundBuildpacks struct {
	members  []member
	alone    bool // the push has no other buildpack, also none by detection
	warnings []string
	unread   []string // other buildpacks that are not on this machine, and may be sidecar buildpacks
}

// relativesFrom returns the sidecar buildpacks from index first on.
func (f foundBuildpacks) relativesFrom(first int) []sidecar.Relative {
	var relatives []sidecar.Relative
	for _, m := range f.members[first:] {
		relative := m.Relative()
		relative.Name = m.String()
		relatives = append(relatives, relative)
	}
	return relatives
}

// sidecarBuildpacks finds the sidecar buildpacks among those of a push or, if it names none, the
// one that the platform would detect.
func (t *tool) sidecarBuildpacks(buildpacks []string) (foundBuildpacks, error) {
	var found foundBuildpacks
	named := len(buildpacks) > 0
	if !named {
		buildpacks = []string{push.BuiltinBuildpack}
		found.warnings = append(found.warnings, "No buildpack is named, so the platform asks its own in turn, and one before may take the app and give it a start command. "+
			"This is what the sidecar buildpack would do, which takes an app with both sidecars and a Procfile with a line web: COMMAND. "+
			losesSidecars)
	}
	var others, remote []string
	for i, name := range buildpacks {
		read, err := t.readBuildpack(name)
		switch {
		case errors.Is(err, family.ErrStranger):
			if isRemote(name) {
				remote = append(remote, redact.Address(name))
			}
			others = append(others, redact.Address(name))
			continue
		case err != nil:
			return found, err
		}
		found.members = append(found.members, member{
			Buildpack: read, source: name, position: i, follows: i > 0, last: i == len(buildpacks)-1,
			// CF-02: padded to the width of their number, not to that of the last index.
			index: fmt.Sprintf("%0*d", len(fmt.Sprint(len(buildpacks))), i),
		})
	}
	if len(others) > 0 {
		found.warnings = append(found.warnings, fmt.Sprintf("Not staged, so it is not known what these buildpacks declare: %s.", strings.Join(others, ", ")))
	}
	if len(remote) > 0 {
		found.warnings = append(found.warnings, fmt.Sprintf("Nothing is fetched here, so it is not known whether these are sidecar buildpacks: %s. To have one judged, name its directory or zip on this machine.", strings.Join(remote, ", ")))
	}
	found.unread = slices.DeleteFunc(slices.Clone(remote), func(name string) bool { return family.LanguageOf(name) != "" })
	found.alone = named && len(others) == 0 || slices.Equal(buildpacks, []string{standin.Binary})
	return found, nil
}

// isRemote reports whether the platform would download a buildpack: from a URL, or by git over SSH,
// as in git@github.com:owner/name.git.
func isRemote(name string) bool {
	address, err := url.Parse(name)
	return err == nil && address.IsAbs() || overSSH.MatchString(name)
}

var overSSH = regexp.MustCompile(`^[^/@:]+@[^/@:]+:[^:]+$`)
