package configserver

import (
	"context"
	"log"
	"reflect"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/onchange"
)

// changes tells the app of another configuration, as SIDECAR_ON_CHANGE asks for.
type changes struct {
	action *onchange.Action // nil if it does not
	logger *log.Logger
}

func readChanges(environ []string, logger *log.Logger) (changes, error) {
	action, err := onchange.Read(environ)
	return changes{action, logger}, err
}

// watch acts on each change of the app's configuration, one after the other. It acts once
// on all changes that come meanwhile.
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
