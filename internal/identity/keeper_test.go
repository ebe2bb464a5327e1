package identity_test

import (
	gocontext "context"
	"crypto/tls"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/identity"
)

// A clock shows the same time until it is advanced.
type clock struct {
	mutex sync.Mutex
	now   time.Time
	ticks chan time.Time
}

func (c *clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx gocontext.Context, _ time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-c.ticks:
		return true
	}
}

// advance returns once the keeper has woken up at the new time.
func (c *clock) advance(by time.Duration) {
	c.mutex.Lock()
	c.now = c.now.Add(by)
	c.mutex.Unlock()
	c.ticks <- c.now
}

func testKeeper(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		time0      = time.Now().Truncate(time.Second).UTC()
		c          *clock
		keeper     *identity.Keeper
		failures   chan error
	)

	it.Before(func() {
		authority, err := shared()
		Expect(err).NotTo(HaveOccurred())
		c = &clock{now: time0, ticks: make(chan time.Time)}
		keeper = &identity.Keeper{Authority: authority, Instance: instance, Directory: t.TempDir(), Clock: c}
		Expect(keeper.Renew()).To(Succeed())
		failures = make(chan error, 10)
	})

	file := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join(keeper.Directory, name))
		Expect(err).NotTo(HaveOccurred())
		return content
	}
	validUntil := func() time.Time { return certificates(t, file("instance.crt"))[0].NotAfter }
	// keep runs Keep, and returns what ends it.
	keep := func() (stop func()) {
		ctx, cancel := gocontext.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { keeper.Keep(ctx, func(err error) { failures <- err }) })
		return func() {
			cancel()
			running.Wait()
		}
	}

	it("writes the platform's two files, the key for this user alone", func() {
		entries, err := os.ReadDir(keeper.Directory)
		Expect(err).NotTo(HaveOccurred())
		Expect(entries).To(HaveLen(2))
		for name, mode := range map[string]os.FileMode{"instance.crt": 0o644, "instance.key": 0o600} {
			info, err := os.Stat(filepath.Join(keeper.Directory, name))
			Expect(err).NotTo(HaveOccurred())
			Expect(info.Mode().Perm()&^mode).To(BeZero(), name)
		}
		_, err = tls.X509KeyPair(file("instance.crt"), file("instance.key"))
		Expect(err).NotTo(HaveOccurred())
	})

	it("CF-43: replaces them half an hour before their end, again and again", func() {
		defer keep()()
		Expect(validUntil()).To(BeTemporally("==", time0.Add(24*time.Hour)))
		c.advance(23*time.Hour + 29*time.Minute)
		c.advance(0) // the look before it has ended
		Expect(validUntil()).To(BeTemporally("==", time0.Add(24*time.Hour)))
		for day := range 3 {
			key := file("instance.key")
			c.advance(time.Minute)
			c.advance(0)
			renewed := time0.Add(time.Duration(day+1) * (23*time.Hour + 30*time.Minute))
			Expect(validUntil()).To(BeTemporally("==", renewed.Add(24*time.Hour)))
			Expect(file("instance.key")).NotTo(Equal(key))
			_, err := tls.X509KeyPair(file("instance.crt"), file("instance.key"))
			Expect(err).NotTo(HaveOccurred())
			c.advance(23*time.Hour + 29*time.Minute)
		}
		Expect(failures).To(BeEmpty())
	})

	it("replaces them once after the machine has slept for days", func() {
		defer keep()()
		c.advance(72 * time.Hour)
		c.advance(0)
		Expect(validUntil()).To(BeTemporally("==", time0.Add(96*time.Hour)))
	})

	it("does not change a file in place: who has it open reads on", func() {
		open, err := os.Open(filepath.Join(keeper.Directory, "instance.crt"))
		Expect(err).NotTo(HaveOccurred())
		defer open.Close()
		before := file("instance.crt")
		Expect(keeper.Renew()).To(Succeed())
		content := make([]byte, len(before)+1)
		n, err := open.Read(content)
		Expect(err).NotTo(HaveOccurred())
		Expect(content[:n]).To(Equal(before))
	})

	context("failure cases", func() {
		it("tells a failure, leaves the old ones, and tries again", func() {
			defer keep()()
			obstacle := filepath.Join(keeper.Directory, "instance.key.tmp")
			Expect(os.MkdirAll(filepath.Join(obstacle, "full"), 0o755)).To(Succeed())
			c.advance(23*time.Hour + 45*time.Minute)
			var err error
			Eventually(failures, time.Minute).Should(Receive(&err))
			Expect(err).To(MatchError(HavePrefix("failed to write instance.key of the instance's identity: ")))
			Expect(validUntil()).To(BeTemporally("==", time0.Add(24*time.Hour)))
			c.advance(time.Minute) // the obstacle is gone: Renew clears what it has left
			c.advance(0)
			Expect(validUntil()).To(BeTemporally("==", time0.Add(47*time.Hour+46*time.Minute)))
		})
	})
}
