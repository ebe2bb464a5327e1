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
)

func testHealthMonitor(t *testing.T, c spec.G, it spec.S) {
	// monitor runs one on a clock of its own until it ends by itself or cancel is called.
	// Check is asked what the check of a number finds at a time after the start.
	type result struct {
		err   error
		log   string
		times []time.Duration // of the checks
		found []error
	}
	monitor := func(t *testing.T, check func(ctx context.Context, number int, cancel func()) error) (r result) {
		log, written := celltest.NewLog()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		began := time.Now()
		m := HealthMonitor{StartTimeout: 3 * time.Second, Interval: 30 * time.Second}
		m.Logf = func(source string, s show.Stream, text string) { log.Line(source, 1, s, text) }
		m.Found = func(err error) { r.found = append(r.found, err) }
		m.Check = func(ctx context.Context) error {
			r.times = append(r.times, time.Since(began))
			return check(ctx, len(r.times), cancel)
		}
		r.err = m.Run(ctx)
		r.log = written.Unstamped()
		return r
	}
	bubble := func(name string, work func(t *testing.T, g *WithT)) {
		it(name, func() {
			synctest.Test(t, func(t *testing.T) { work(t, NewWithT(t)) })
		})
	}
	const (
		started = "[CELL/1] OUT Starting health monitoring of container\n"
		passed  = started + "[CELL/1] OUT Container became healthy\n"
	)
	refused := errors.New("failed to make TCP connection to 127.0.0.1:8080: dial tcp 127.0.0.1:8080: connect: connection refused")

	bubble("CF-45: checks every half second until a check passes, at once after that, and then at the interval", func(t *testing.T, g *WithT) {
		r := monitor(t, func(_ context.Context, number int, cancel func()) error {
			switch number {
			case 1, 2:
				return refused
			case 6:
				cancel()
			}
			return nil
		})
		g.Expect(r.err).NotTo(HaveOccurred())
		g.Expect(r.times).To(Equal([]time.Duration{0, 500 * time.Millisecond, time.Second, time.Second, 31 * time.Second, 61 * time.Second}))
		g.Expect(r.found).To(Equal([]error{refused, refused, nil}))
		g.Expect(r.log).To(Equal(passed))
	})

	bubble("lets a slow check take its time, and the next follow at the next half second", func(t *testing.T, g *WithT) {
		r := monitor(t, func(_ context.Context, number int, cancel func()) error {
			switch number {
			case 1:
				time.Sleep(1700 * time.Millisecond)
				return refused
			case 2:
				return refused
			}
			cancel()
			return nil
		})
		g.Expect(r.err).NotTo(HaveOccurred())
		g.Expect(r.times).To(Equal([]time.Duration{0, 1700 * time.Millisecond, 2 * time.Second}))
	})

	bubble("ends without a word when it is told to before anything has passed", func(t *testing.T, g *WithT) {
		r := monitor(t, func(_ context.Context, number int, cancel func()) error {
			if number == 3 {
				cancel()
			}
			return refused
		})
		g.Expect(r.err).NotTo(HaveOccurred())
		g.Expect(r.log).To(Equal(started))
	})

	c("failure cases", func() {
		bubble("CF-45: says that the start was never healthy, after how many attempts, and why", func(t *testing.T, g *WithT) {
			r := monitor(t, func(context.Context, int, func()) error { return refused })
			g.Expect(r.err).To(MatchError("Instance never healthy after 3s: Timed out after 3s (6 attempts) waiting for startup check to succeed: " + refused.Error()))
			g.Expect(r.log).To(Equal(started +
				"[HEALTH/1] ERR Timed out after 3s (6 attempts) waiting for startup check to succeed: " + refused.Error() + "\n" +
				"[CELL/1] ERR Failed after 3s: startup health check never passed.\n"))
		})

		bubble("CF-45: ends a check with the start's time, and tells what the one before has found", func(t *testing.T, g *WithT) {
			r := monitor(t, func(ctx context.Context, number int, _ func()) error {
				if number == 1 {
					return refused
				}
				<-ctx.Done()
				return ctx.Err()
			})
			g.Expect(r.err).To(MatchError("Instance never healthy after 3s: Timed out after 3s (2 attempts) waiting for startup check to succeed: " + refused.Error()))
		})

		bubble("says that not even the first check was answered", func(t *testing.T, g *WithT) {
			r := monitor(t, func(ctx context.Context, _ int, _ func()) error {
				<-ctx.Done()
				return ctx.Err()
			})
			g.Expect(r.err).To(MatchError("Instance never healthy after 3s: Timed out after 3s (1 attempts) waiting for startup check to succeed: it has not answered yet"))
			g.Expect(r.found).To(BeEmpty())
		})

		bubble("CF-45: says that an instance that was healthy is no more", func(t *testing.T, g *WithT) {
			const problem = "failed to make HTTP request to '/health' on port 8080: received status code 503 in 1ms"
			r := monitor(t, func(_ context.Context, number int, _ func()) error {
				if number < 4 {
					return nil
				}
				return errors.New(problem)
			})
			g.Expect(r.err).To(MatchError("Instance became unhealthy: Liveness check unsuccessful: " + problem))
			g.Expect(r.times).To(Equal([]time.Duration{0, 0, 30 * time.Second, time.Minute}))
			g.Expect(r.log).To(Equal(passed +
				"[HEALTH/1] ERR Liveness check unsuccessful: " + problem + "\n[CELL/1] ERR Container became unhealthy\n"))
		})
	})
}
