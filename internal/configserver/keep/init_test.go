package keep_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
)

func TestKeep(t *testing.T) {
	suite := spec.New("keep", spec.Report(report.Terminal{}))
	suite("Outage", testOutage)
	suite("Poll", testPoll)
	suite("Requests", testRequests)
	suite("Store", testStore)
	suite.Run(t)
}

// A scripted source says what a spec has it say.
type scripted struct {
	mutex    sync.Mutex
	name     string
	version  int
	values   map[string]any
	err      error
	panics   bool
	delay    time.Duration
	asked    []environment.Request
	previous []string
}

func (s *scripted) Name() string { return s.name }

func (s *scripted) Fetch(ctx context.Context, request environment.Request, previous string) (environment.Environment, string, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.asked, s.previous = append(s.asked, request), append(s.previous, previous)
	version := strconv.Itoa(s.version)
	switch {
	case !clock.Sleep(ctx, s.delay):
		return environment.Environment{}, "", ctx.Err()
	case s.panics:
		panic(fmt.Sprint(s.values))
	case s.err != nil:
		return environment.Environment{}, "", s.err
	case previous == version:
		return environment.Environment{}, "", environment.ErrUnchanged
	}
	return environment.Environment{
		Name: request.Application, Profiles: request.Profiles, Version: &version,
		PropertySources: []environment.PropertySource{{Name: s.name, Source: maps.Clone(s.values)}},
	}, version, nil
}

// says has the source give another version from now on.
func (s *scripted) says(values map[string]any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.version++
	s.values, s.err = values, nil
}

// breaks has the source panic over another version from now on.
func (s *scripted) breaks() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.version++
	s.panics = true
}

// takes is how long each Fetch lasts from now on.
func (s *scripted) takes(delay time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.delay = delay
}

func (s *scripted) fails(err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.err = err
}

// fetches is how often the source was asked, and forgets that.
func (s *scripted) fetches() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	n := len(s.asked)
	s.asked, s.previous = nil, nil
	return n
}

// lines are what a Keeper has logged.
type lines struct {
	mutex sync.Mutex
	all   []string
}

func (l *lines) logf(format string, args ...any) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.all = append(l.all, fmt.Sprintf(format, args...))
}

func (l *lines) said() []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return slices.Clone(l.all)
}

const interval = time.Minute

var mainRequest = environment.Request{Application: "shop", Profiles: []string{"cloud"}}

func optionsOf(log *lines, sources ...environment.Source) keep.Options {
	options := keep.Options{Main: mainRequest, Interval: interval, Timeout: 30 * time.Second, Clock: clock.System{}, Logf: log.logf}
	for _, source := range sources {
		options.Sources = append(options.Sources, keep.Origin{Source: source, Identity: source.Name()})
	}
	return options
}

// inBubble runs a Keeper where time passes at once whenever all wait, from midnight of 2000-01-01.
func inBubble(t *testing.T, options func() keep.Options, then func(k *keep.Keeper)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		k := keep.New(t.Context(), options())
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			k.Run(ctx)
		}()
		synctest.Wait()
		then(k)
		cancel()
		<-ended
	})
}

// pass lets time pass, and all that is due then end.
func pass(duration time.Duration) {
	time.Sleep(duration)
	synctest.Wait()
}

func values(s *keep.Subject) map[string]any {
	if s.Current() == nil {
		return nil
	}
	all := map[string]any{}
	for _, source := range slices.Backward(s.Current().Environment.PropertySources) {
		maps.Copy(all, source.Source)
	}
	return all
}
