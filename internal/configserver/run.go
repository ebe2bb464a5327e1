package configserver

import (
	"context"
	"io"
	"log"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/api"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/plainsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

// grace leaves room within the ten seconds that the platform gives a process
// between SIGTERM and SIGKILL.
const grace = 5 * time.Second

// Run serves the configuration that environ (in the form of os.Environ, the
// last of several equal names counting) describes, until ctx is done. It then
// lets requests in flight end for at most five seconds and returns nil; once
// it has returned, it no longer listens.
//
// What it writes to stdout, one line in one Write each: the address once it
// accepts connections there, every request for the configuration, and the
// stop. Neither these lines nor the error ever hold any of the configuration.
func Run(ctx context.Context, environ []string, stdout io.Writer) error {
	port, err := parsePort(env.Get(environ, portVariable))
	if err != nil {
		return err
	}

	config, err := plainsource.New(env.Get(environ, plainsource.Variable))
	if err != nil {
		return err
	}

	listener, err := listen(port)
	if err != nil {
		return err
	}

	logger := log.New(stdout, "", 0)
	logger.Printf("Listening on %s.", listener.Addr())
	return api.Serve(ctx, listener, api.NewHandler(config.Content(), logger), grace, logger)
}
