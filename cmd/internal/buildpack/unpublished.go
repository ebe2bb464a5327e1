package buildpack

import (
	"errors"
	"fmt"
	"net/url"
	"path"
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
	return fmt.Errorf("%w. It comes with a release of the buildpack, which may not be published yet. In a checkout of %s, ./scripts/dependencies.sh builds it; "+
		"then push with --env BP_DEPENDENCY_MIRROR_%s=file://CHECKOUT/.build/dependencies,skip-path=%s where CHECKOUT is its path. "+
		"For Cloud Foundry, ./scripts/package.sh --version VERSION --cached packs it into the buildpack",
		err, homepage, host, path.Dir(release.Path))
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
