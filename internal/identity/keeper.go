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

// lookInterval is how often the Keeper checks the time. A timer for a whole day would be wrong: timers stop
// while a laptop sleeps.
const lookInterval = time.Minute

// Clock tells the time of day, and sleeps.
type Clock interface {
	Now() time.Time
	// Sleep waits, and returns false if the context ends first.
	Sleep(ctx context.Context, duration time.Duration) bool
}

// Keeper keeps valid credentials for one instance in a directory.
type Keeper struct {
	Authority *Authority
	Instance  Instance
	Directory string // must exist
	Clock     Clock

	renewAt time.Time
}

// Renew writes new credentials into the directory. Readers see either all of an old file or all of a new one,
// since each is written to a temporary file and renamed. Only this user can read the key.
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

// Keep renews the credentials before they expire, until the context ends. It reports a failure, and retries a
// minute later; there are 30 minutes left then.
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

// now returns the wall-clock time without the monotonic reading, which stops while the machine sleeps.
func (k *Keeper) now() time.Time { return k.Clock.Now().Round(0) }
