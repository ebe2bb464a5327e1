// Package configserver is the config-server sidecar: an HTTP server on 127.0.0.1 that serves the app its
// configuration from several sources. Its subpackages contain one part each: the sources, the last good answers
// (keep), the forms of an answer, and the requests (api).
//
// The configuration contains secrets: no part of it is ever written to a log or into an error.
package configserver

import (
	"context"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

const (
	exitStopped = 0
	exitFailed  = 1
	exitUsage   = 2
)

const usage = `config-server gives an app its configuration on 127.0.0.1, from several
sources: fresh, merged, decrypted, and also while a source is down.

Usage: config-server

Environment:
  CONFIG_SERVER_PORT    the port to listen on, 1 to 65535
  CONFIG_SERVER_SOCKET  the path of a Unix socket to listen on. One of the two
                        is required.
  CONFIG_SERVER_CONFIG  the configuration: JSON that starts with {, [ or ",
                        or the path of a JSON file, relative to the working
                        directory; at most 1 MiB; read once, at the start.
                        Without it and without another source, an example
                        configuration is served.

Which configuration:
  CONFIG_SERVER_APPLICATION  by default the app's name
  CONFIG_SERVER_PROFILES     by default SPRING_PROFILES_ACTIVE, or "default"
  CONFIG_SERVER_LABEL        such as a branch; by default the source's

Other sources, configured by a bound service, or by these variables:
  CONFIG_SERVER_SPRING_URI   a Spring Cloud Config Server, with
    CONFIG_SERVER_SPRING_USERNAME, CONFIG_SERVER_SPRING_PASSWORD,
    CONFIG_SERVER_SPRING_ACCESS_TOKEN_URI, CONFIG_SERVER_SPRING_CLIENT_ID,
    CONFIG_SERVER_SPRING_CLIENT_SECRET, CONFIG_SERVER_SPRING_CERTIFICATE,
    CONFIG_SERVER_SPRING_KEY
  CONFIG_SERVER_GIT_URI      a git repository, with
    CONFIG_SERVER_GIT_LABEL, CONFIG_SERVER_GIT_PATH,
    CONFIG_SERVER_GIT_USERNAME, CONFIG_SERVER_GIT_PASSWORD,
    CONFIG_SERVER_GIT_TOKEN
  CONFIG_SERVER_VAULT_URI    Vault, KV version 2, with
    CONFIG_SERVER_VAULT_NAMESPACE, CONFIG_SERVER_VAULT_MOUNT,
    CONFIG_SERVER_VAULT_PATH, CONFIG_SERVER_VAULT_TOKEN,
    CONFIG_SERVER_VAULT_ROLE_ID, CONFIG_SERVER_VAULT_SECRET_ID,
    CONFIG_SERVER_VAULT_ROLE, CONFIG_SERVER_VAULT_LOGIN_MOUNT
  CONFIG_SERVER_CREDHUB_URI  CredHub, with
    CONFIG_SERVER_CREDHUB_PATH, CONFIG_SERVER_CREDHUB_LABEL,
    CONFIG_SERVER_CREDHUB_ACCESS_TOKEN_URI,
    CONFIG_SERVER_CREDHUB_CLIENT_ID, CONFIG_SERVER_CREDHUB_CLIENT_SECRET
  CONFIG_SERVER_SOURCES      the sources to use, separated by commas, the first one
                             winning: config,credhub,vault,spring,git

Polls and outages:
  CONFIG_SERVER_INTERVAL     seconds between two polls of a source, 60
  CONFIG_SERVER_KEEP         the directory of the last good answers, or off
  CONFIG_SERVER_START_FROM_KEPT=true
                             makes /health 200 with answers of an earlier run

Decryption of values that start with {cipher}:
  CONFIG_SERVER_ENCRYPT_KEY  the key: a password, or an RSA key in PEM form; or
    CONFIG_SERVER_ENCRYPT_KEY_FILE, the path of a file with it; with
    CONFIG_SERVER_ENCRYPT_SALT, CONFIG_SERVER_ENCRYPT_RSA_ALGORITHM,
    CONFIG_SERVER_ENCRYPT_RSA_STRONG, CONFIG_SERVER_ENCRYPT_RSA_SALT
  CONFIG_SERVER_ENCRYPT_KEYSTORE
                             the path of a key store, with
    CONFIG_SERVER_ENCRYPT_KEYSTORE_PASSWORD,
    CONFIG_SERVER_ENCRYPT_KEYSTORE_ALIAS, CONFIG_SERVER_ENCRYPT_KEYSTORE_SECRET

Answers:
  /config/, /config          the configuration, in JSON
  /config/KEY                one value, such as /config/db.url
  /APPLICATION/PROFILES[/LABEL] and [LABEL/]APPLICATION-PROFILES.json, .yml,
  .properties                as Spring Cloud Config Server does
  /config?wait=30s&since=TAG waits for a change of the answer with this ETag
  /events                    server-sent events, one for each change
  /health                    the state of the sources; 503 until all have answered

It answers only requests to the hosts localhost, 127.0.0.0/8 and [::1]. What the
settings mean is described in docs/config-server.md of the sidecar buildpack.
`

// Main runs config-server until SIGTERM or SIGINT and returns its exit code:
//
//	0  stopped by a signal, or --help
//	1  could not start, or could not continue to serve
//	2  was given arguments; it takes none
//
// args is the command line with the program's name first, environ has the form of os.Environ. An error is
// written to stderr as one line that starts with "config-server: ".
func Main(args, environ []string, stdout, stderr io.Writer) int {
	if len(args) > 1 {
		if args[1] == "-h" || args[1] == "--help" {
			fmt.Fprint(stdout, usage)
			return exitStopped
		}
		// The arguments are not repeated: the user may have passed the
		// configuration there.
		fmt.Fprintln(stderr, "config-server: takes no arguments, only settings from the environment: see config-server --help")
		return exitUsage
	}

	limitMemory(environ)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	if err := Run(ctx, environ, stdout); err != nil {
		fmt.Fprintf(stderr, "config-server: %s\n", printable.Line(err.Error()))
		return exitFailed
	}
	return exitStopped
}
