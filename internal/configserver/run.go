package configserver

import (
	"context"
	"io"
	"log"
	"runtime/debug"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/clock"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/api"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/keep"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/plainsource"
)

// grace fits into the ten seconds that the platform gives a process between SIGTERM and SIGKILL.
const grace = 5 * time.Second

// Run serves the configuration that environ describes until ctx is done. It then gives requests in flight up to
// five seconds, and returns nil; once it has returned, it no longer listens. environ has the form of os.Environ;
// the last of several equal names wins.
//
// It logs to stdout, each line with one Write: unknown settings, the address once it accepts connections there,
// requests for the configuration, failures of sources and their end, and the stop. Neither these lines nor the
// error ever contain any of the configuration.
func Run(ctx context.Context, environ []string, stdout io.Writer) error {
	return run(ctx, environ, stdout, conditions{clock.System{}, fetchTimeout})
}

// conditions is what specs set differently.
type conditions struct {
	clock   clock.Clock
	timeout time.Duration // of a source, for one answer
}

func run(ctx context.Context, environ []string, stdout io.Writer, under conditions) error {
	logger := log.New(stdout, "", 0)
	warnUnknown(environ, logger)
	addresses, err := readAddresses(environ)
	if err != nil {
		return err
	}
	options, err := keeperOptions(ctx, environ, under, logger)
	if err != nil {
		return err
	}
	changes, err := readChanges(environ, logger)
	if err != nil {
		return err
	}
	listeners, err := addresses.listen()
	if err != nil {
		return err
	}
	keeper := keep.New(ctx, options)
	handler := api.NewHandler(api.Settings{Keeper: keeper, Raw: raw(options.Sources), Clock: options.Clock, Logger: logger})
	if isExample(options.Sources) {
		logger.Print("No source is configured: /config answers with an example.")
	}
	for _, listener := range listeners {
		logger.Printf("Listening on %s.", listener.Addr())
	}

	serving, stop := context.WithCancel(ctx)
	defer stop()
	context.AfterFunc(serving, handler.Close)
	var background sync.WaitGroup
	background.Go(func() { keeper.Run(serving) })
	background.Go(func() { changes.watch(serving, keeper) })
	err = api.Serve(serving, listeners, handler, grace, logger)
	stop()
	handler.Close()
	background.Wait()
	return err
}

func keeperOptions(ctx context.Context, environ []string, under conditions, logger *log.Logger) (keep.Options, error) {
	options := keep.Options{Timeout: under.timeout, Settled: debug.FreeOSMemory, Clock: under.clock, Logf: logger.Printf}
	var err error
	if options.Interval, err = readInterval(environ); err != nil {
		return options, err
	}
	if options.Main, err = mainRequest(environ); err != nil {
		return options, err
	}
	if options.ReadyFromKept, err = startFromKept(environ); err != nil {
		return options, err
	}
	if options.Sources, err = openSources(ctx, environ, under.clock, logger); err != nil {
		return options, err
	}
	if options.NewDecrypter, err = readDecryption(ctx, environ); err != nil {
		return options, err
	}
	if raw(options.Sources) == nil {
		options.Form = mainForm
	}
	directory, err := keepDirectory(environ)
	if err != nil {
		return options, err
	}
	options.Store = openStore(directory, options.Sources, logger)
	return options, nil
}

// fetchTimeout limits how long a source may take for one answer.
const fetchTimeout = 30 * time.Second

// openStore opens the store for answers. It returns nil if it cannot: that is no reason not to serve them.
func openStore(directory string, sources []keep.Origin, logger *log.Logger) *keep.Store {
	changing := false
	for _, source := range sources {
		changing = changing || !source.Static
	}
	if directory == "" || !changing {
		return nil
	}
	store, err := keep.OpenStore(directory)
	if err != nil {
		logger.Printf("Answers are not kept for the next start: %s.", err)
		return nil
	}
	return store
}

// raw returns the content of CONFIG_SERVER_CONFIG if that is the only source, and nothing in it is encrypted.
func raw(sources []keep.Origin) []byte {
	if plain, ok := sources[0].Source.(*plainsource.Source); ok && len(sources) == 1 && !hasEncrypted(plain.Environment()) {
		return plain.Content()
	}
	return nil
}

// isExample reports whether no source is configured.
func isExample(sources []keep.Origin) bool {
	plain, ok := sources[0].Source.(*plainsource.Source)
	return ok && plain.IsExample()
}
