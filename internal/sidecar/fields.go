package sidecar

import (
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// The keys that are named elsewhere.
const (
	nameKey       = "name"
	commandKey    = "command"
	dependencyKey = "dependency"
	versionKey    = "version"
	executableKey = "executable"
	stripKey      = "strip"
	artifactKey   = "artifact"
	// EnvKey and AppEnvKey are the keys of values that must not be written into a droplet
	// where the app's own environment states them.
	EnvKey    = "env"
	AppEnvKey = "app-env"
	// ReadinessHeadersKey and HealthHeadersKey are those of headers, of which the same holds.
	ReadinessHeadersKey = readinessKey + headersSuffix
	HealthHeadersKey    = healthKey + headersSuffix
	// FilesKey is that of files, of which it holds, too.
	FilesKey     = "files"
	readinessKey = "readiness-health-check"
	healthKey    = "health-check"
	enabledKey   = "enabled"
	portKey      = "port"
	socketKey    = "socket"
	// Those of a check begin with readinessKey or healthKey, and end in one of these.
	endpointSuffix = "-http-endpoint"
	statusSuffix   = "-http-status"
	headersSuffix  = "-http-headers"
	commandSuffix  = "-command"
)

const (
	// maxSeconds is the most that a time may be: a day.
	maxSeconds = 24 * 60 * 60
	// maxStopTimeout is what the platform's ten seconds leave, in seconds.
	maxStopTimeout = 9
	maxRestarts    = 1_000_000
)

// nameField is the one that tells which sidecar all others are about.
var nameField = field{
	key: nameKey, manifest: true, value: at(text(MaxNameLength), func(d *declaration) *string { return &d.Name }),
	doc:       "what the sidecar is called: any text of up to 255 characters, its own among the app's sidecars, and not that of a process type",
	otherwise: "required",
}

// fields are all the others, in the order in which messages, the log and the reference
// have them.
var fields = slices.Concat(programFields, bindingFields, supervisionFields, catalogFields)

// programFields are what the platform itself knows of a sidecar, and what the buildpack
// installs for it.
var programFields = []field{
	{
		key: commandKey, manifest: true, value: at(text(MaxCommandLength), func(d *declaration) *string { return &d.Command }),
		doc:       "what bash runs in the app's directory; up to 4096 characters",
		otherwise: "required, unless the catalog knows the name",
	},
	{
		key: "process_types", manifest: true, value: at(processTypes, func(d *declaration) *[]string { return &d.ProcessTypes }),
		doc:       "the processes that it runs beside, each once",
		otherwise: "`[web]`",
	},
	{
		key: "memory", manifest: true, value: at(size, func(d *declaration) *memory.Size { return &d.Memory }),
		doc:       "what is reserved for it: a whole number of MB, or a size such as `128M` or `1G` (units B, K, M, G, T, alone or with B or iB)",
		otherwise: "the catalog's; otherwise nothing is reserved",
	},
	{
		key: dependencyKey, value: at(text(MaxNameLength), func(d *declaration) *string { return &d.Package.Dependency }),
		doc:       "a dependency of the buildpack's `manifest.yml`",
		otherwise: "the catalog's",
	},
	{
		key: versionKey, value: at(versions, func(d *declaration) *string { return &d.Package.Version }),
		doc:       "which versions of the dependency will do: `1.2.3`, `1.2.x`, `1.x`, `>=1.2`",
		otherwise: "the version of `default_versions`",
	},
	{
		key: executableKey, value: at(executablePath, func(d *declaration) *string { return &d.Package.Executable }),
		doc:       "the program's path below what was unpacked; it is what runs where there is no `command`",
		otherwise: "of a bare program, its name in the URI",
	},
	{
		key: stripKey, value: at(strip, func(d *declaration) *int { return &d.Package.Artifact.Strip }),
		doc:       "how many leading parts of the paths in the archive are dropped",
		otherwise: "0",
	},
	{
		key: artifactKey, in: appOnly, value: artifactValue,
		doc: "a program from anywhere: `uri` (http, https or file), `sha256`, `executable`, `strip`",
	},
}

// bindingFields say when the app has the sidecar, and what is made of bound services for it.
var bindingFields = []field{
	{
		key: bindingKey, value: at(selector, func(d *declaration) **bindings.Selector { return &d.Binding }),
		doc:       "the bound service that the sidecar is for: its name, label or one of its tags, as in `apm`, or `{name: …}`, `{label: …}`, `{tag: …}`, of which all that are stated must match, in any case. The app has the sidecar when one such service is bound, and not otherwise; two that match are refused",
		otherwise: "the app has the sidecar, whatever is bound",
	},
	{
		key: enabledKey, value: at(enabled, func(d *declaration) *bool { return &d.disabled }),
		doc:       "`false`: the app does not have the sidecar, even if the catalog gives it to every app. Sidecars that depend on it start without it",
		otherwise: "`true`",
	},
	{
		key: FilesKey, supervisor: true, value: at(files, func(d *declaration) *[]File { return &d.Files }), log: "file %s",
		doc: "files that are written each time before the sidecar starts, with mode 0600, below the directory that `$SIDECAR_FILES` names: a path, and the text of a template, or `{template: PATH}` for a template in a file, or `{from: PATH}` for a file as it is. Such files are the app's; a catalog names the buildpack's",
	},
}

// supervisionFields are what surrounds it: environment, order, health, memory, traffic.
var supervisionFields = slices.Concat([]field{
	{
		key: EnvKey, supervisor: true, value: boundVariables(func(d *declaration) *[]supervision.Variable { return &d.Supervision.Env }),
		doc: "variables for the sidecar alone. A value is text, or a credential of a bound service, `{binding: api_key}`, with `of: SERVICE` of another one than that of `binding`, and `default: TEXT` where there is none ([bindings.md](bindings.md)). In text, `$NAME`, `${NAME}` and `${NAME:-default}` are variables of its environment, those before it in the list included, and nothing else is special; names may have dots and hyphens, such as `spring.application.name`, which a command run by `bash` passes on, and one run by `dash` (`sh` on Ubuntu) does not",
	},
	{
		key: AppEnvKey, value: at(appVariables, func(d *declaration) *[]appstart.Variable { return &d.AppEnv }), log: "%s of the app", complete: joinedVariables,
		doc:       "variables for the app alone, where they are not set already, in the same form, with names that a shell can export: letters, digits and underscores. `{append: TEXT}` and `{prepend: TEXT}` add to what is set, once, whoever else adds the same: `:` stands between the items of lists of paths (`PATH`, `…_PATH`, `RUBYLIB`), a blank between options (`…_OPTIONS`, `…_OPTS`, `…_FLAGS`, `RUBYOPT`), and for other names `separator` says what. A variable with a default, as in `http://127.0.0.1:${AGENT_PORT:-8126}`, is that of the sidecar's `env`, if a file states it there",
		otherwise: "the catalog's",
	},
	{
		key: "otel-identity", supervisor: true, value: at(boolean, func(d *declaration) *bool { return &d.Supervision.OTelIdentity }), log: "OpenTelemetry identity",
		doc:       "`true`: the app and the sidecar have `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, with the names and ids of app, instance, space, organization and process ([more](catalog.md#the-apps-identity)). What the app has set there stays, and wins",
		otherwise: "`false`",
	},
	{
		key: "work-dir", supervisor: true, value: at(text(maxURILength), func(d *declaration) *string { return &d.Supervision.WorkDir }),
		doc:       "where the sidecar runs, relative to the app's directory; variables are expanded",
		otherwise: "the app's directory",
	},
	{
		key: "depends-on", supervisor: true, value: at(sidecarNames, func(d *declaration) *[]string { return &d.Supervision.DependsOn }), log: "starts after %s",
		doc: "names of sidecars; this one starts when they are ready. Each has to run beside all processes that this one does",
	},
	{
		key: "hold-app", supervisor: true, value: at(boolean, func(d *declaration) *bool { return &d.HoldApp }), log: "holds the app",
		doc:       "`true`: the app's start command waits until the sidecar is ready",
		otherwise: "`false`",
	},
	{
		key: "timeout", value: at(number(1, maxSeconds, "of seconds "), func(d *declaration) *int { return &d.Supervision.Timeout }),
		doc:       "how long the sidecar may take to become ready, or to pass its health check for the first time. The time in which it waits for others itself does not count",
		otherwise: "60",
	},
	{
		key: portKey, value: at(port, func(d *declaration) *string { return &d.port }),
		doc:       "where the checks ask: a number, or a variable of the sidecar's environment, such as `$CONFIG_SERVER_PORT`, with a default, if need be: `${AGENT_PORT:-8126}`",
		otherwise: "of a proxy, `$PORT`",
	},
	{
		key: socketKey, value: at(text(maxURILength), func(d *declaration) *string { return &d.socket }),
		doc: "a Unix socket where they ask, in the place of a port: its path, relative to `work-dir`; variables are expanded, as in `${AGENT_HOME:-/tmp}/agent.sock`",
	},
},
	checkFields(readinessKey, func(d *declaration) *supervision.Check { return &d.readiness }, func(d Definition) *supervision.Check { return d.Supervision.Readiness },
		"when it is ready: `http`, a GET is answered with 200; `port`, something listens; `process`, it runs; `exec`, a command ends with status 0",
		"`exec` if there is a command for it, `http` if there is an endpoint, statuses or headers, `port` if there is a port or a socket; else its health check, or `process`"),
	checkFields(healthKey, func(d *declaration) *supervision.Check { return &d.health }, func(d Definition) *supervision.Check { return d.Supervision.Health },
		"whether it still works, in the same words. Three failures in a row, or none but failures for `timeout`, and it is ended: SIGTERM, SIGKILL after `stop-timeout`",
		"none is made; with another key of it, as above"),
	[]field{
		{
			key: "restart", supervisor: true, log: "restart %s",
			value:     at(choice(supervision.RestartNever, supervision.RestartOnFailure, supervision.RestartAlways), func(d *declaration) *string { return &d.Supervision.Restart }),
			doc:       "`never`: when the sidecar ends, so does the instance. `on-failure`: it is started again, unless it ended with status 0. `always`: it is",
			otherwise: "`never`",
		},
		{
			key: "restart-limit", value: at(number(1, maxRestarts, "of restarts "), func(d *declaration) *int { return &d.Supervision.RestartLimit }),
			doc:       "how often in a row; then the instance ends, and the platform takes over",
			otherwise: "no limit",
		},
		{
			key: "reload", supervisor: true, log: "%s", value: at(reload, func(d *declaration) **supervision.Reload { return &d.Supervision.Reload }),
			doc:       "`{on: [$CF_INSTANCE_CERT, bindings, conf/agent.yaml], signal: HUP}`: when one of these files changes, or a file of one of these directories, the sidecar is sent the signal: `HUP`, `USR1` or `USR2`. With `restart: true` in the place of a signal, it is stopped and started again, which counts as no failure. `bindings` are the files of bound services",
			otherwise: "nothing is watched",
		},
		{
			key: "log", supervisor: true, log: "%s", value: at(log, func(d *declaration) **supervision.Log { return &d.Supervision.Log }),
			doc:       "`{level: warn, drop: ^healthcheck, prefix: true}`: which lines of the sidecar do not reach the log: those of a lower level (`debug`, `info`, `warn`, `error`), where one is recognized, and those that match a regular expression. They are counted, and the log says how many. `prefix` puts its name in front of each line",
			otherwise: "all of them, straight to the log",
		},
		{
			key: "enforce-memory", supervisor: true, value: at(boolean, func(d *declaration) *bool { return &d.EnforceMemory }), log: "no more than its memory",
			doc:       "`true`: when the sidecar and all that it has started have more resident memory than `memory`, they are killed. What they share with each other counts once, what they share with others whole",
			otherwise: "`false`",
		},
		{
			key: "stop-after-app", supervisor: true, value: at(boolean, func(d *declaration) *bool { return &d.Supervision.StopAfterApp }), log: "stops after the app",
			doc:       "`true`: on SIGTERM the sidecar keeps running until the app's process is gone, and the sidecars that depend on this one",
			otherwise: "`false`",
		},
		{
			key: "stop-timeout", value: at(number(1, maxStopTimeout, "of seconds, of the ten that the platform gives in all, "), func(d *declaration) *int { return &d.Supervision.StopTimeout }),
			doc:       "for how long at most, from 1 to 9",
			otherwise: "5",
		},
		{
			key: "proxy", supervisor: true, value: at(boolean, func(d *declaration) *bool { return &d.Proxy }), log: "stands in front of the app",
			doc:       "`true`: the sidecar stands in front of the app",
			otherwise: "`false`",
		},
	})

// catalogFields are those that no app states.
var catalogFields = []field{
	{
		key: "default", in: catalogOnly, value: at(boolean, func(d *declaration) *bool { return &d.isDefault }),
		doc:       "`true`: every app gets the sidecar",
		otherwise: "`false`",
	},
}

// checkFields are the fields of one check: in a declaration what is stated of it, in a
// definition what it comes to.
func checkFields(key string, stated func(*declaration) *supervision.Check, complete func(Definition) *supervision.Check, doc, otherwise string) []field {
	return []field{
		{
			key: key + "-type", supervisor: true, doc: doc, otherwise: otherwise,
			log: strings.TrimSuffix(strings.TrimSuffix(key, "-check"), "-health") + " by %s", complete: func(d Definition) []string { return shownCheck(complete(d)) },
			value: at(choice(supervision.CheckHTTP, supervision.CheckPort, supervision.CheckProcess, supervision.CheckExec), func(d *declaration) *string { return &stated(d).Type }),
		},
		{
			key: key + endpointSuffix, value: at(endpoint, func(d *declaration) *string { return &stated(d).Endpoint }),
			doc: "the path that is asked for", otherwise: "`/`",
		},
		{
			key: key + statusSuffix, value: at(statuses, func(d *declaration) *string { return &stated(d).Status }),
			doc: "which answers will do: a status, a range such as `200-399`, or a list of both. Redirects are not followed", otherwise: "200",
		},
		{
			key: key + headersSuffix, value: at(variables(headerNames), func(d *declaration) *[]supervision.Variable { return &stated(d).Headers }),
			doc: "headers of the request, such as `{Authorization: Bearer $TOKEN}`; variables of the sidecar's environment are expanded. No message shows a value",
		},
		{
			key: key + commandSuffix, value: at(text(MaxCommandLength), func(d *declaration) *string { return &stated(d).Command }),
			doc: "of the type `exec`: what bash runs, in the sidecar's environment and `work-dir`. Ending with status 0, all is well; the last line that it prints says why not. When the time is up, it is killed with all that it has started",
		},
		{
			key: key + "-interval", value: at(number(1, maxSeconds, "of seconds "), func(d *declaration) *int { return &stated(d).Interval }),
			doc: "how often", otherwise: "30",
		},
		{
			key: key + "-invocation-timeout", value: at(number(1, maxSeconds, "of seconds "), func(d *declaration) *int { return &stated(d).InvocationTimeout }),
			doc: "how long an answer may take", otherwise: "1",
		},
	}
}
