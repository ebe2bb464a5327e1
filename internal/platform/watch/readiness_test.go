package watch

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/celltest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/show"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/status"
)

func testReadiness(t *testing.T, c spec.G, it spec.S) {
	it("CF-46: checks every half second until the instance is ready, then at the interval until it is not, and again", func() {
		synctest.Test(t, func(t *testing.T) {
			Expect := NewWithT(t).Expect
			log, written := celltest.NewLog()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			refused := errors.New("refused")
			results := []error{refused, refused, nil, nil, nil, refused, refused, nil}
			began := time.Now()
			var times []time.Duration
			var found []error
			m := ReadinessMonitor{Interval: 30 * time.Second}
			m.Logf = func(source string, s show.Stream, text string) { log.Line(source, 1, s, text) }
			m.Found = func(err error) { found = append(found, err) }
			m.Check = func(context.Context) error {
				times = append(times, time.Since(began))
				if len(times) > len(results) {
					cancel()
					return nil
				}
				return results[len(times)-1]
			}
			m.Run(ctx)

			const half = 500 * time.Millisecond
			Expect(times).To(Equal([]time.Duration{0, half, 2 * half, 2 * half, 31 * time.Second, 61 * time.Second, 61 * time.Second, 61*time.Second + half, 61*time.Second + half}))
			Expect(found).To(Equal(results))
			const (
				passed = "[HEALTH/1] OUT Container passed the readiness health check. Container marked ready and added to route pool.\n"
				failed = "[HEALTH/1] OUT Container failed the readiness health check. Container marked not ready and removed from route pool.\n"
			)
			Expect(written.Unstamped()).To(Equal("[HEALTH/1] OUT Starting readiness health monitoring of container\n" + passed + failed + passed))
		})
	})

	c("what is told of an instance", func() {
		var (
			Expect    = NewWithT(t).Expect
			is        status.RunningInstance
			announced int
			found     *Checks
		)
		it.Before(func() {
			is, announced = status.RunningInstance{}, 0
			found = &Checks{Health: status.HealthStarting, Tell: func(change func(*status.RunningInstance)) { change(&is) }, Announce: func() { announced++ }}
		})
		state := func() string { return is.Health + ": " + is.Details }

		it("CF-46: runs without traffic until it is ready, and whenever it is not", func() {
			found.Readiness(errors.New("refused"))
			Expect(state()).To(Equal("starting: "))
			found.Down(errors.New("no process listens"))
			Expect(state()).To(Equal("starting: no process listens"))
			found.Up(status.HealthHealthy)
			Expect(state()).To(Equal("unready: Readiness check unsuccessful: refused"))
			Expect(announced).To(Equal(0))
			found.Readiness(nil)
			Expect(state()).To(Equal("healthy: "))
			Expect(announced).To(Equal(1))
			found.Readiness(errors.New("status 503"))
			Expect(state()).To(Equal("unready: Readiness check unsuccessful: status 503"))
			found.Readiness(nil)
			Expect(state()).To(Equal("healthy: "))
			Expect(announced).To(Equal(1), "the log says the rest")
		})

		it("gets traffic once it is up, where it was ready before", func() {
			found.Readiness(nil)
			Expect(state()).To(Equal("starting: "))
			found.Up(status.HealthRunning)
			Expect(state()).To(Equal("running: "))
			Expect(announced).To(Equal(1))
		})
	})
}
