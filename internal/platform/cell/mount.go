package cell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
)

// Mount makes the mounts of a container, and keeps the identity in them valid until they are
// closed. It warns of problems with which the app can run.
func (c *Cell) Mount(app push.Application, guid, purpose string, warn func(format string, args ...any)) (*Mounts, error) {
	host, remove, err := c.Workspace("mounts")
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(context.Background())
	m := &Mounts{Host: host, seen: host, remove: remove, end: end}
	err = m.bind(app.Services, c.services(app), purpose)
	if err == nil {
		err = c.identify(ctx, m, app, guid, warn)
	}
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// identify gives the container an identity, and renews it until the context ends.
func (c *Cell) identify(ctx context.Context, m *Mounts, app push.Application, guid string, warn func(format string, args ...any)) error {
	authority, err := c.authority()
	if err != nil {
		return err
	}
	if err := c.trust(m, app, authority, warn); err != nil {
		return err
	}
	directory := filepath.Join(m.Host, identityDirectory)
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return fmt.Errorf("failed to make a directory of the container: %w", err)
	}
	keeper := &identity.Keeper{Authority: authority, Instance: identityOf(app, guid), Directory: directory, Clock: clock.System{}}
	if err := keeper.Renew(); err != nil {
		return err
	}
	m.renewing.Go(func() { keeper.Keep(ctx, func(err error) { warn("%s; it is tried again", err) }) })
	return nil
}
