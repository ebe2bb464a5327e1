package buildpack

import (
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// certificatesVariable names the directory in which the platform has the operator's
// authorities, as *.crt (CF-43).
const certificatesVariable = "CF_SYSTEM_CERT_PATH"

// trust has the operator's authorities trusted along with the system's. A certificate that
// cannot be used is told of, and does not keep those from working that can.
func (i *installer) trust() {
	if i.packages.Fetcher.Roots != nil {
		return
	}
	var err error
	i.packages.Fetcher.Roots, i.authorities, err = outbound.Roots(env.Get(i.environ, certificatesVariable))
	if err != nil {
		i.log.Warning("%s", err)
	}
}

// explained is an error of a download with what would help against it.
func (i *installer) explained(err error) error {
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		return err
	}
	directory := "not set"
	if set := env.Get(i.environ, certificatesVariable); set != "" {
		directory = printable.Line(set)
	}
	return fmt.Errorf("%w. Trusted are the system's authorities and %d of the *.crt files in %s (%s). Add the authority's certificate there, in PEM: "+
		"on Cloud Foundry the operator does, among the trusted certificates of the cells; with the sidecar tool, set %s to a directory that has it. "+
		"For one app, SSL_CERT_DIR may list directories, such as /etc/ssl/certs:/tmp/app/certs",
		err, i.authorities, certificatesVariable, directory, certificatesVariable)
}
