package install

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/paketo-buildpacks/packit/v2/chronos"
)

// A Progress shows the progress of a transfer: on a terminal with a bar that is redrawn, elsewhere
// with a line every few seconds.
type Progress struct {
	Writer   io.Writer
	Terminal bool
	// Interval is the time between two lines, and above 0; a bar is redrawn more often.
	Interval time.Duration
	Clock    chronos.Clock
}

const (
	// DefaultInterval is short enough to show that work goes on, and long enough not to be a
	// nuisance.
	DefaultInterval = 5 * time.Second
	barInterval     = 200 * time.Millisecond
	barWidth        = 30 // characters
)

// A metered transfer is one whose progress is shown.
type metered struct {
	io.Reader
	meter *Progress // nil shows nothing
	total int64     // bytes; -1 if unknown
	began time.Time
	done  atomic.Int64
	end   chan struct{}
	ended chan struct{}
}

// start shows a transfer until stop is called.
func (m *Progress) start(r io.Reader, total int64) *metered {
	t := &metered{Reader: r, meter: m, total: total, end: make(chan struct{}), ended: make(chan struct{})}
	if m == nil {
		close(t.ended)
		return t
	}
	t.began = m.Clock.Now()
	interval := m.Interval
	if m.Terminal {
		interval = barInterval
	}
	ticker := time.NewTicker(interval)
	go func() {
		defer close(t.ended)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				t.show()
			case <-t.end:
				return
			}
		}
	}()
	return t
}

func (t *metered) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	t.done.Add(int64(n))
	return n, err
}

// stop stops showing, and clears the terminal's line.
func (t *metered) stop() {
	select {
	case <-t.end:
		return
	default:
	}
	close(t.end)
	<-t.ended
	if t.meter != nil && t.meter.Terminal {
		fmt.Fprint(t.meter.Writer, "\r\x1b[K")
	}
}

// finish stops, and logs how much has arrived.
func (t *metered) finish() {
	t.stop()
	if t.meter != nil {
		fmt.Fprintf(t.meter.Writer, "       Fetched %s in %s, %s\n", Amount(t.done.Load()), t.elapsed().Round(100*time.Millisecond), t.rate())
	}
}

func (t *metered) elapsed() time.Duration { return t.meter.Clock.Now().Sub(t.began) }

func (t *metered) rate() string {
	return Amount(int64(float64(t.done.Load())/max(t.elapsed().Seconds(), 0.001))) + "/s"
}

func (t *metered) show() {
	done := t.done.Load()
	text := fmt.Sprintf("%s, %s", Amount(done), t.rate())
	if t.total > 0 {
		text = fmt.Sprintf("%s of %s, %s", Amount(done), Amount(t.total), t.rate())
	}
	if !t.meter.Terminal {
		fmt.Fprintf(t.meter.Writer, "       %s\n", text)
		return
	}
	if t.total > 0 {
		filled := int(min(done*barWidth/t.total, barWidth))
		text = fmt.Sprintf("[%s%s] %s", strings.Repeat("#", filled), strings.Repeat(".", barWidth-filled), text)
	}
	fmt.Fprintf(t.meter.Writer, "\r\x1b[K       %s", text)
}

// Amount formats a number of bytes for a person.
func Amount(bytes int64) string {
	switch {
	case bytes < 1<<10:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1<<20:
		return fmt.Sprintf("%.1f KB", float64(bytes)/(1<<10))
	default:
		return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
	}
}
