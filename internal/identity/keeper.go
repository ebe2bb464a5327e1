package identity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// The names of the files with an instance's credentials.
const (
	CertificateFile = "instance.crt"
	KeyFile         = "instance.key"
)

// lookInterval is how often the time is looked at. A timer of a day would not do: timers stand still
// while a laptop sleeps.
const lookInterval = time.Minute

// A Clock tells the time of day, and lets some pass.
type Clock interface {
	Now() time.Time
	// Sleep waits, and is false where the context ends before the time is up.
	Sleep(ctx context.Context, duration time.Duration) bool
}

// A Keeper keeps the credentials of one instance in a directory, valid.
type Keeper struct {
	Authority *Authority
	Instance  Instance
	Directory string // has to exist
	Clock     Clock

	renewAt time.Time
}

// Renew puts new credentials into the directory. Whoever reads one of the files has all of the old
// or all of the new one, as it is written next to its place and renamed. Only this user can read the key.
func (k *Keeper) Renew() error {
	credentials, err := k.Authority.Issue(k.Instance, k.now())
	if err != nil {
		return err
	}
	// The key goes first, as executor does.
	for _, file := range []struct {
		name    string
		content []byte
		mode    os.FileMode
	}{{KeyFile, credentials.Key, 0o600}, {CertificateFile, credentials.Certificate, 0o644}} {
		path := filepath.Join(k.Directory, file.name)
		next := path + ".tmp"
		err := os.WriteFile(next, file.content, file.mode)
		if err == nil {
			err = os.Rename(next, path)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("failed to write %s of the instance's identity: %w", file.name, err), os.RemoveAll(next))
		}
	}
	k.renewAt = credentials.NotAfter.Add(-RenewBefore)
	return nil
}

// Keep renews the credentials before they end, until the context does. A failure is told, and
// tried again a minute later: there are 30 until the end.
func (k *Keeper) Keep(ctx context.Context, failed func(error)) {
	for k.Clock.Sleep(ctx, lookInterval) {
		if k.now().Before(k.renewAt) {
			continue
		}
		if err := k.Renew(); err != nil {
			failed(err)
		}
	}
}

// now is without the reading of the monotonic clock, which stops while the machine sleeps.
func (k *Keeper) now() time.Time { return k.Clock.Now().Round(0) }
