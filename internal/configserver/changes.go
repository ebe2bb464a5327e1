package configserver

import (
	"context"
	"log"
	"reflect"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/onchange"
)

// changes notifies the app when its configuration changes, as SIDECAR_ON_CHANGE says.
type changes struct {
	action *onchange.Action // nil if SIDECAR_ON_CHANGE is not set
	logger *log.Logger
}

func readChanges(environ []string, logger *log.Logger) (changes, error) {
	action, err := onchange.Read(environ)
	return changes{action, logger}, err
}

// watch acts on each change of the app's configuration, one after the other. Changes that arrive during an
// action share the next one.
func (c changes) watch(ctx context.Context, keeper *keep.Keeper) {
	if c.action == nil {
		return
	}
	main := keeper.Main()
	var last *keep.Answer
	for {
		changed := main.Changed()
		if current := main.Current(); current != nil {
			if last != nil && !reflect.DeepEqual(last.Environment.PropertySources, current.Environment.PropertySources) {
				c.act(ctx)
			}
			last = current.Answer
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

func (c changes) act(ctx context.Context) {
	done, err := c.action.Do(ctx)
	if err != nil {
		c.logger.Printf("The configuration has changed, but the app cannot be notified: %s.", err)
		return
	}
	c.logger.Printf("The configuration has changed: %s.", done)
}
