package cell

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
)

// The directories that the platform mounts into containers, below /etc: an instance's
// identity, the authorities to trust (CF-43), and the bound services, where they are
// files (CF-41).
const (
	identityDirectory     = "cf-instance-credentials"
	certificatesDirectory = "cf-system-certificates"
	bindingsDirectory     = "cf-service-bindings"

	bindingsFile = "vcap_services"
)

// The variables that tell of the directories.
const (
	certificateVariable  = "CF_INSTANCE_CERT"
	keyVariable          = "CF_INSTANCE_KEY"
	certificatesVariable = "CF_SYSTEM_CERT_PATH"
)

// The Mounts of a container are the directories that the platform adds to it, outside of the
// droplet.
type Mounts struct {
	// Host is the machine's directory with them, which only this user can read.
	Host string
	// seen is the path at which the container's processes see Host.
	seen     string
	bound    variables // the variables for the bound services
	end      context.CancelFunc
	renewing sync.WaitGroup
	remove   func() error
}

// The purposes of containers, as Cloud Controller calls them.
const (
	PurposeApp     = "app"
	PurposeStaging = "staging task"
)

// Close stops renewing the identity, and removes the mounts.
func (m *Mounts) Close() error {
	m.end()
	m.renewing.Wait()
	return m.remove()
}

// path joins elements to the path that the container's processes see.
func (m *Mounts) path(elements ...string) string {
	return filepath.Join(append([]string{m.seen}, elements...)...)
}

// write writes a file, and creates its directories.
func (m *Mounts) write(name string, content []byte) error {
	path := filepath.Join(m.Host, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("failed to make a directory of the container: %w", err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return fmt.Errorf("failed to write a file of the container: %w", err)
	}
	return nil
}

// bind passes on the bound services, given as the JSON of VCAP_SERVICES, in the app's form.
func (m *Mounts) bind(form bindings.Form, services, purpose string) error {
	files := map[string][]byte{}
	var err error
	switch form {
	case bindings.InDirectory:
		m.bound = variables{bindings.DirectoryVariable: m.path(bindingsDirectory)}
		files, err = bindings.Directory([]byte(services))
	case bindings.InFile:
		m.bound = variables{bindings.FileVariable: m.path(bindingsDirectory, bindingsFile)}
		files[bindingsFile], err = bindings.File([]byte(services))
	default:
		m.bound = variables{bindings.ServicesVariable: services}
		_, err = bindings.Parse([]byte(services))
	}
	var incompatible *bindings.IncompatibleError
	switch {
	case errors.As(err, &incompatible):
		//lint:ignore ST1005 Cloud Controller's words
		return fmt.Errorf("Cannot build service binding files for %s - %w", purpose, err)
	case err != nil:
		return fmt.Errorf("failed to read the bound services in %s of this environment: %w", bindings.ServicesVariable, err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := m.write(filepath.Join(bindingsDirectory, name), files[name]); err != nil {
			return err
		}
	}
	return nil
}

// identity returns the variables of the instance's identity, which an app's own may replace, as on
// the platform.
func (m *Mounts) identity() variables {
	return variables{
		certificateVariable: m.path(identityDirectory, identity.CertificateFile),
		keyVariable:         m.path(identityDirectory, identity.KeyFile),
	}
}

// variables returns all other variables, which replace an app's own.
func (m *Mounts) variables() variables {
	return variables{certificatesVariable: m.path(certificatesDirectory)}.add(m.bound)
}

// services returns the bound services. There is no broker here, so they are those that the
// developer defines, or those in this program's environment.
func (c *Cell) services(app push.Application) string {
	if app.BoundServices != "" {
		return app.BoundServices
	}
	if services := c.inherit("VCAP_SERVICES")["VCAP_SERVICES"]; services != "" {
		return services
	}
	return "{}"
}
