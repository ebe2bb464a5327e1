// Package lifecycle is Cloud Foundry's builder and launcher, which sidecar embeds: the lifecycle's
// own packages, with main functions of this project.
package lifecycle

import (
	"fmt"
	"io"
	"os"

	"code.cloudfoundry.org/buildpackapplifecycle"
	"code.cloudfoundry.org/buildpackapplifecycle/buildpackrunner"
	"code.cloudfoundry.org/buildpackapplifecycle/credhub"
	"code.cloudfoundry.org/buildpackapplifecycle/databaseuri"
	"code.cloudfoundry.org/buildpackapplifecycle/platformoptions"
	"code.cloudfoundry.org/goshims/osshim"
)

// The builder's exit codes, in addition to those of its phases.
const (
	exitFailed          = 1
	exitPlatformOptions = 3
	exitCredHub         = 4
)

// Builder runs the builder, and returns its exit code. Its packages read and change the environment
// of the process, so it needs a process of its own.
func Builder(args, _ []string, _, stderr io.Writer) int {
	config := buildpackapplifecycle.NewLifecycleBuilderConfig(nil, false, false)
	if err := config.Parse(args[1:]); err != nil {
		fmt.Fprintln(stderr, err)
		return exitFailed
	}
	if err := config.Validate(); err != nil {
		fmt.Fprintln(stderr, err)
		return exitFailed
	}
	if code := interpolate(&config, stderr); code != 0 {
		return code
	}
	runner := buildpackrunner.New(&config)
	_, err := runner.Run()
	if cleanUp := runner.CleanUp(); cleanUp != nil {
		fmt.Fprintln(stderr, cleanUp)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return buildpackapplifecycle.ExitCodeFromError(err)
	}
	return 0
}

// interpolate replaces references to the platform's CredHub, and sets DATABASE_URL from the bound
// services.
func interpolate(config *buildpackapplifecycle.LifecycleBuilderConfig, stderr io.Writer) int {
	options, err := platformoptions.Get(os.Getenv("VCAP_PLATFORM_OPTIONS"))
	if err != nil {
		fmt.Fprintf(stderr, "Invalid platform options: %v", err)
		return exitPlatformOptions
	}
	if options != nil && options.CredhubURI != "" {
		hub := credhub.New(&osshim.OsShim{}, config.CredhubConnectAttempts(), config.CredhubRetryDelay())
		if err := hub.InterpolateServiceRefs(options.CredhubURI); err != nil {
			fmt.Fprintf(stderr, "Unable to interpolate credhub refs: %v", err)
			return exitCredHub
		}
	}
	database := databaseuri.New()
	if credentials, err := database.Credentials([]byte(os.Getenv("VCAP_SERVICES"))); err == nil {
		if uri := database.Uri(credentials); uri != "" {
			if err := os.Setenv("DATABASE_URL", uri); err != nil {
				fmt.Fprintln(stderr, err)
				return exitFailed
			}
		}
	}
	return 0
}
