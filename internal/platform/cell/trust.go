package cell

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

const (
	// authorityFile has the authority that signs the instances' identities.
	authorityFile     = "instance-identity-ca.crt"
	certificateSuffix = ".crt"
	// maxCertificate is the maximum size of a file with certificates, in bytes.
	maxCertificate = 4 << 20
)

// trust adds the authorities that the container's processes trust to its mounts: that of all
// instances of this platform, so that they can authenticate each other, and the *.crt files in
// CF_SYSTEM_CERT_PATH, of this program's environment, where an operator would set it, and of the
// app's.
func (c *Cell) trust(m *Mounts, app push.Application, authority *identity.Authority, warn func(format string, args ...any)) error {
	if err := m.write(filepath.Join(certificatesDirectory, authorityFile), authority.PEM()); err != nil {
		return err
	}
	directories := []string{c.inherit(certificatesVariable)[certificatesVariable], app.Environment[certificatesVariable]}
	for _, directory := range slices.Compact(directories) {
		if directory == "" {
			continue
		}
		entries, err := os.ReadDir(directory)
		if err != nil {
			warn("The certificates of %s cannot be listed, and are not trusted: %s", certificatesVariable, regularfile.Unread(directory, err))
		}
		for _, entry := range entries {
			if !strings.HasSuffix(entry.Name(), certificateSuffix) {
				continue
			}
			if err := m.copyCertificate(filepath.Join(directory, entry.Name())); err != nil {
				warn("A certificate of %s is not trusted: %s", certificatesVariable, err)
			}
		}
	}
	return nil
}

// copyCertificate copies a file to the authorities, under its own name or, if that is taken, under
// one with a number.
func (m *Mounts) copyCertificate(path string) error {
	content, err := regularfile.Read(path, maxCertificate)
	if err != nil {
		return err
	}
	base := strings.TrimSuffix(filepath.Base(path), certificateSuffix)
	name := base
	for number := 2; ; number++ {
		_, err := os.Lstat(filepath.Join(m.Host, certificatesDirectory, name+certificateSuffix))
		if errors.Is(err, fs.ErrNotExist) {
			return m.write(filepath.Join(certificatesDirectory, name+certificateSuffix), content)
		}
		if err != nil {
			return err
		}
		name = fmt.Sprintf("%s-%d", base, number)
	}
}

// identityOf returns the subject of a container's certificate: the guids of VCAP_APPLICATION, and
// the address of CF_INSTANCE_INTERNAL_IP.
func identityOf(app push.Application, guid string) identity.Instance {
	return identity.Instance{
		GUID: guid, IP: net.ParseIP(instanceIP),
		App: AppGUID(app.Name), Space: AppGUID(spaceName), Organization: AppGUID(organizationName),
	}
}
