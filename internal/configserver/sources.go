package configserver

import (
	"context"
	"fmt"
	"log"
	"reflect"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/credhubsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/gitsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/plainsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/vaultsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// kind is a kind of source, and reads its settings.
type kind struct {
	name string
	// find returns nil if no variable and no bound service configures such a source.
	find func(surroundings) (*found, error)
}

// found is a source that is configured, but not opened yet.
type found struct {
	settings any    // equal if nothing has changed
	identity string // without credentials; see keep.Origin
	static   bool
	open     func() (environment.Source, error)
}

// kinds are in the order of precedence that applies without CONFIG_SERVER_SOURCES.
var kinds = []kind{
	{plainsource.Name, findPlain},
	{credhubsource.Name, configured(credhubsource.FromEnvironment, func(s credhubsource.Settings, f facilities) (environment.Source, error) {
		return credhubsource.New(s, credhubsource.Options{Now: f.clock.Now})
	})},
	{vaultsource.Name, configured(vaultsource.FromEnvironment, func(s vaultsource.Settings, f facilities) (environment.Source, error) {
		return vaultsource.New(s, vaultsource.Options{Now: f.clock.Now})
	})},
	{springsource.Name, configured(springsource.FromEnvironment, func(s springsource.Settings, f facilities) (environment.Source, error) {
		return springsource.New(s, springsource.Options{Now: f.clock.Now})
	})},
	{gitsource.Name, configured(gitsource.FromEnvironment, func(s gitsource.Settings, f facilities) (environment.Source, error) {
		return gitsource.New(s, gitsource.Options{Logf: f.logger.Printf})
	})},
}

// configured finds a source whose settings are read from surroundings; nil if it has none.
func configured[S any, P interface {
	*S
	Identity() string
}](read func(func(string) string, []bindings.Binding) (P, error), open func(S, facilities) (environment.Source, error)) func(surroundings) (*found, error) {
	return func(s surroundings) (*found, error) {
		settings, err := read(s.lookup, s.bound)
		if err != nil || settings == nil {
			return nil, err
		}
		return &found{settings: [2]any{*settings, s.authorities}, identity: settings.Identity(), open: func() (environment.Source, error) { return open(*settings, s.facilities) }}, nil
	}
}

func findPlain(s surroundings) (*found, error) {
	value := s.lookup(plainsource.Variable)
	if value == "" {
		return nil, nil
	}
	return plain(value), nil
}

func plain(value string) *found {
	return &found{settings: value, static: true, open: func() (environment.Source, error) { return plainsource.New(value) }}
}

// openSources opens all configured sources in order of precedence. Without any, it opens the example of
// plainsource. It fails if a source has settings, but no address.
func openSources(ctx context.Context, environ []string, clock clock.Clock, logger *log.Logger) ([]keep.Origin, error) {
	ordered, listed, err := order(env.Get(environ, sourcesVariable))
	if err != nil {
		return nil, err
	}
	s, err := surround(ctx, environ)
	if err != nil {
		return nil, err
	}
	s.facilities = facilities{clock, logger}
	var origins []keep.Origin
	for _, kind := range ordered {
		f, err := kind.find(s)
		if err != nil {
			return nil, fmt.Errorf("the source %s: %w", kind.name, err)
		}
		if f == nil && listed {
			return nil, fmt.Errorf("%s names %s, which nothing configures: set its variables or bind its service, or leave it out", sourcesVariable, kind.name)
		}
		if f == nil {
			if err := kind.checkComplete(s); err != nil {
				return nil, err
			}
			continue
		}
		origin, err := kind.origin(f, environ, s.facilities)
		if err != nil {
			return nil, err
		}
		origins = append(origins, *origin)
	}
	if len(origins) > 0 {
		warnUnknownCredentials(s.bound, logger)
		return origins, nil
	}
	if err := checkBound(s); err != nil {
		return nil, err
	}
	example, err := kinds[0].origin(plain(""), environ, s.facilities)
	if err != nil {
		return nil, err
	}
	return []keep.Origin{*example}, nil
}

// order parses CONFIG_SERVER_SOURCES.
func order(value string) (ordered []kind, listed bool, err error) {
	if value == "" {
		return kinds, false, nil
	}
	for _, name := range list(value) {
		i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
		if i < 0 {
			return nil, true, fmt.Errorf("%s names %q, which is not a source: expected %s, separated by commas, the first one winning", sourcesVariable, redact.Name(name), names())
		}
		if slices.ContainsFunc(ordered, func(k kind) bool { return k.name == name }) {
			return nil, true, fmt.Errorf("%s names %s twice", sourcesVariable, name)
		}
		ordered = append(ordered, kinds[i])
	}
	if len(ordered) == 0 {
		return nil, true, fmt.Errorf("%s names no source: expected %s, separated by commas", sourcesVariable, names())
	}
	return ordered, true, nil
}

func names() string {
	var all []string
	for _, kind := range kinds {
		all = append(all, kind.name)
	}
	return strings.Join(all, ", ")
}

// origin opens a source, and reopens it when its settings change.
func (k kind) origin(f *found, environ []string, with facilities) (*keep.Origin, error) {
	source, err := f.open()
	if err != nil {
		return nil, err
	}
	origin := &keep.Origin{Source: source, Identity: k.name + " " + f.identity, Static: f.static}
	if !f.static {
		origin.Reopen = func(ctx context.Context) (*keep.Origin, error) { return k.reopen(ctx, f, environ, with) }
	}
	return origin, nil
}

func (k kind) reopen(ctx context.Context, last *found, environ []string, with facilities) (*keep.Origin, error) {
	s, err := surround(ctx, environ)
	if err != nil {
		return nil, err
	}
	s.facilities = with
	f, err := k.find(s)
	if err != nil || f == nil || reflect.DeepEqual(f.settings, last.settings) {
		return nil, err // without settings, for example while a binding is being replaced, keep the last ones
	}
	return k.origin(f, environ, with)
}
