package configserver

import (
	"context"
	"io"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
)

// RunUnder is Run with another clock, and another time that a source has for one answer.
func RunUnder(ctx context.Context, environ []string, stdout io.Writer, clock clock.Clock, timeout time.Duration) error {
	return run(ctx, environ, stdout, conditions{clock, timeout})
}
