package buildpack

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/install"
)

// unpublished adds instructions to a download's error if the file belongs to a release of the
// buildpack's own project, which may not be published yet or not be reachable.
func (i *installer) unpublished(uri string, err error) error {
	var wrong *install.ChecksumError
	if err == nil || errors.As(err, &wrong) {
		return err
	}
	release, parseErr := url.Parse(uri)
	homepage := i.homepage()
	if parseErr != nil || homepage == "" || !strings.HasPrefix(uri, homepage+"/releases/download/") {
		return err
	}
	host := strings.ToUpper(strings.NewReplacer("-", "__", ".", "_").Replace(release.Hostname()))
	return fmt.Errorf("%w. It comes with a release of the buildpack, which may not be published yet. In a checkout of %s, ./scripts/dependencies.sh%s builds it; "+
		"then push with --env BP_DEPENDENCY_MIRROR_%s=file://CHECKOUT/.build/dependencies,skip-path=%s where CHECKOUT is its path. "+
		"For Cloud Foundry, ./scripts/package.sh --version VERSION --cached packs it into the buildpack",
		err, homepage, programOf(uri), host, path.Dir(release.Path))
}

// archiveName matches the archives of scripts/dependencies.sh.
var archiveName = regexp.MustCompile(`^([a-z0-9_-]+)-[0-9][0-9.]*-linux-amd64\.tar\.gz$`)

// programOf returns a blank and the name of an archive's program, as an argument of
// scripts/dependencies.sh; empty if the archive is none of that script's.
func programOf(uri string) string {
	if found := archiveName.FindStringSubmatch(path.Base(uri)); found != nil {
		return " " + found[1]
	}
	return ""
}

// homepage returns the URL of the buildpack's project, or "" if its buildpack.toml has none.
func (i *installer) homepage() string {
	content, err := i.buildpack.description()
	if err != nil {
		return ""
	}
	var document struct {
		Buildpack struct {
			Homepage string `toml:"homepage"`
		} `toml:"buildpack"`
	}
	if err := toml.Unmarshal(content, &document); err != nil {
		return ""
	}
	return strings.TrimSuffix(document.Buildpack.Homepage, "/")
}
