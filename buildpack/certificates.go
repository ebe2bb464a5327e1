package buildpack

import (
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// certificatesVariable names the directory with the operator's authorities, as *.crt (CF-43).
const certificatesVariable = "CF_SYSTEM_CERT_PATH"

// trust makes downloads trust the operator's authorities as well as the system's. It warns of
// unusable certificates, and uses the others.
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

// explained adds a remedy to a download's error if the server's authority is not trusted.
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
