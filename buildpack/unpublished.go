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

// unpublished adds to the error of a package that belongs to a release of the buildpack's own
// project how it is had where there is no such release, or no way to it.
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

// archiveName is what scripts/dependencies.sh calls an archive.
var archiveName = regexp.MustCompile(`^([a-z0-9_-]+)-[0-9][0-9.]*-linux-amd64\.tar\.gz$`)

// programOf is a blank and the name of the program that an archive is of, for the script that
// builds it.
func programOf(uri string) string {
	if found := archiveName.FindStringSubmatch(path.Base(uri)); found != nil {
		return " " + found[1]
	}
	return ""
}

// homepage is that of the buildpack's project, where its buildpack.toml names one.
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
