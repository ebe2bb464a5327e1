package sidecar

import (
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/appstart"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

const (
	// maxSeconds is the longest time: a day.
	maxSeconds = 24 * 60 * 60
	// maxStopTimeout is what the platform's ten seconds allow, in seconds.
	maxStopTimeout = 9
	maxRestarts    = 1_000_000
)

// nameField identifies the sidecar that all other fields describe.
var nameField = field{
	key: nameKey, manifest: true, value: at(text(MaxNameLength), func(d *declaration) *string { return &d.Name }),
	doc:       "the sidecar's name: any text of up to 255 characters, unique among the app's sidecars, and not the name of a process type",
	otherwise: "required",
}

// fields are all other fields, in the order used by messages, the log and the reference.
var fields = slices.Concat(programFields, bindingFields, supervisionFields, catalogFields)

// programFields are what the platform itself knows about a sidecar, and what the buildpack installs
// for it.
var programFields = []field{
	{
		key: commandKey, manifest: true, value: at(text(MaxCommandLength), func(d *declaration) *string { return &d.Command }),
		doc:       "the command, which bash runs in the app's directory; up to 4096 characters",
		otherwise: "required, unless the catalog knows the name",
	},
	{
		key: "process_types", manifest: true, value: at(processTypes, func(d *declaration) *[]string { return &d.ProcessTypes }),
		doc:       "the process types that the sidecar runs with, each listed once",
		otherwise: "`[web]`",
	},
	{
		key: "memory", manifest: true, value: at(size, func(d *declaration) *memory.Size { return &d.Memory }),
		doc:       "the memory reserved for the sidecar: a whole number of MB, or a size such as `128M` or `1G` (units B, K, M, G, T, alone or with B or iB)",
		otherwise: "the catalog's; without one, nothing is reserved",
	},
	{
		key: dependencyKey, value: at(text(MaxNameLength), func(d *declaration) *string { return &d.Package.Dependency }),
		doc:       "a dependency of the buildpack's `manifest.yml`",
		otherwise: "the catalog's",
	},
	{
		key: versionKey, value: at(versions, func(d *declaration) *string { return &d.Package.Version }),
		doc:       "the versions of the dependency that are acceptable: `1.2.3`, `1.2.x`, `1.x`, `>=1.2`",
		otherwise: "the version of `default_versions`",
	},
	{
		key: executableKey, value: at(executablePath, func(d *declaration) *string { return &d.Package.Executable }),
		doc:       "the program's path inside the unpacked archive; without `command`, this program runs",
		otherwise: "for a bare program, its name in the URI",
	},
	{
		key: stripKey, value: at(strip, func(d *declaration) *int { return &d.Package.Artifact.Strip }),
		doc:       "how many leading path components to drop from the archive's paths",
		otherwise: "0",
	},
	{
		key: artifactKey, in: appOnly, value: artifactValue,
		doc: "a program to download from anywhere: `uri` (http, https or file), `sha256`, `executable`, `strip`",
	},
}

// bindingFields say when the app gets the sidecar, and what is made for it from bound services.
var bindingFields = []field{
	{
		key: bindingKey, value: at(selector, func(d *declaration) **bindings.Selector { return &d.Binding }),
		doc:       "the bound service that the sidecar is for: its name, label or one of its tags, as in `apm`, or `{name: …}`, `{label: …}`, `{tag: …}`, in which every stated key must match, ignoring case. The app has the sidecar only when such a service is bound; if two services match, staging fails",
		otherwise: "the app has the sidecar, whichever services are bound",
	},
	{
		key: enabledKey, value: at(enabled, func(d *declaration) *bool { return &d.disabled }),
		doc:       "`false`: the app does not have the sidecar, even if the catalog gives it to every app. Sidecars that depend on it start without waiting for it",
		otherwise: "`true`",
	},
	{
		key: FilesKey, supervisor: true, value: at(files, func(d *declaration) *[]File { return &d.Files }), log: "file %s",
		doc: "files to write before each start of the sidecar, with mode 0600, in the directory `$SIDECAR_FILES`: a path, and the text of a template, or `{template: PATH}` for a template in a file, or `{from: PATH}` for a file to copy unchanged. These paths are relative to the app; in a catalog, to the buildpack",
	},
}

// supervisionFields are everything around the sidecar: environment, order, health, memory, traffic.
var supervisionFields = slices.Concat([]field{
	{
		key: EnvKey, supervisor: true, value: boundVariables(func(d *declaration) *[]supervision.Variable { return &d.Supervision.Env }),
		doc: "variables for the sidecar alone. A value is text, a credential of a bound service, `{binding: api_key}`, or a value of the configuration that the sidecar `config-server` has, `{config: db.url}`. `of: SERVICE` reads a credential from another service than `binding`, and `default: TEXT` is the value if no such credential or key exists ([bindings.md](bindings.md)). In text, `$NAME`, `${NAME}` and `${NAME:-default}` expand to variables of the sidecar's environment, including those earlier in the list; nothing else is special. Names may contain dots and hyphens, such as `spring.application.name`; `bash` passes these on to the programs that it runs, `dash` (`sh` on Ubuntu) does not",
	},
	{
		key: AppEnvKey, value: at(appVariables, func(d *declaration) *[]appstart.Variable { return &d.AppEnv }), log: "%s of the app", complete: joinedVariables,
		doc:       "variables for the app alone, unless they are already set. The form is that of `env`, with names that a shell can export: letters, digits and underscores. `{config: db.url}`, if necessary with `default: TEXT`, is a value of the configuration, for which the app's start waits until `config-server` has it. `{append: TEXT}` and `{prepend: TEXT}` add to the existing value, once, even if others add the same text. `:` separates the items of path lists (`PATH`, `…_PATH`, `RUBYLIB`), a blank separates options (`…_OPTIONS`, `…_OPTS`, `…_FLAGS`, `RUBYOPT`), and all other names need `separator`. A variable with a default, as in `http://127.0.0.1:${AGENT_PORT:-8126}`, takes its value from the sidecar's `env` if a file states it there",
		otherwise: "the catalog's",
	},
	{
		key: "otel-identity", supervisor: true, value: at(boolean, func(d *declaration) *bool { return &d.Supervision.OTelIdentity }), log: "OpenTelemetry identity",
		doc:       "`true`: the app and the sidecar get `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, with the names and ids of app, instance, space, organization and process ([more](catalog.md#the-apps-identity)). Values that the app has set win",
		otherwise: "`false`",
	},
	{
		key: "work-dir", supervisor: true, value: at(text(maxURILength), func(d *declaration) *string { return &d.Supervision.WorkDir }),
		doc:       "the sidecar's working directory, relative to the app's directory; variables are expanded",
		otherwise: "the app's directory",
	},
	{
		key: "depends-on", supervisor: true, value: at(sidecarNames, func(d *declaration) *[]string { return &d.Supervision.DependsOn }), log: "starts after %s",
		doc: "names of sidecars that must be ready before this one starts. Each must run with every process type that this sidecar runs with",
	},
	{
		key: "hold-app", supervisor: true, value: at(boolean, func(d *declaration) *bool { return &d.HoldApp }), log: "holds the app",
		doc:       "`true`: the app's start command waits until the sidecar is ready",
		otherwise: "`false`",
	},
	{
		key: "timeout", value: at(number(1, maxSeconds, "of seconds "), func(d *declaration) *int { return &d.Supervision.Timeout }),
		doc:       "how long the sidecar may take to become ready, or to pass its health check for the first time. Time spent waiting for other sidecars does not count",
		otherwise: "60",
	},
	{
		key: portKey, value: at(port, func(d *declaration) *string { return &d.port }),
		doc:       "the port that the checks connect to: a number, or a variable of the sidecar's environment, such as `$CONFIG_SERVER_PORT`, if necessary with a default: `${AGENT_PORT:-8126}`",
		otherwise: "for a proxy, `$PORT`",
	},
	{
		key: socketKey, value: at(text(maxURILength), func(d *declaration) *string { return &d.socket }),
		doc: "a Unix socket that the checks connect to instead of a port: its path, relative to `work-dir`; variables are expanded, as in `${AGENT_HOME:-/tmp}/agent.sock`",
	},
},
	checkFields(readinessKey, func(d *declaration) *supervision.Check { return &d.readiness }, func(d Definition) *supervision.Check { return d.Supervision.Readiness },
		"what makes the sidecar ready: `http`, it answers a GET with 200; `port`, a process listens; `process`, it runs; `exec`, a command exits with status 0",
		"`exec` if the check has a command, `http` if it has an endpoint, statuses or headers, `port` if the sidecar has a port or a socket; otherwise the health check, or `process`"),
	checkFields(healthKey, func(d *declaration) *supervision.Check { return &d.health }, func(d Definition) *supervision.Check { return d.Supervision.Health },
		"how to check that the sidecar still works; the types are the same. After three failures in a row, or if no check succeeds within `timeout`, the supervisor stops it: SIGTERM, then SIGKILL after `stop-timeout`",
		"no health check; if another of its keys is set, as for readiness"),
	[]field{
		{
			key: "restart", supervisor: true, log: "restart %s",
			value:     at(choice(supervision.RestartNever, supervision.RestartOnFailure, supervision.RestartAlways), func(d *declaration) *string { return &d.Supervision.Restart }),
			doc:       "`never`: when the sidecar exits, the instance ends. `on-failure`: the sidecar is restarted unless it exits with status 0. `always`: it is restarted in any case",
			otherwise: "`never`",
		},
		{
			key: "restart-limit", value: at(number(1, maxRestarts, "of restarts "), func(d *declaration) *int { return &d.Supervision.RestartLimit }),
			doc:       "how many restarts in a row; after that the instance ends, and the platform restarts it",
			otherwise: "no limit",
		},
		{
			key: "reload", supervisor: true, log: "%s", value: at(reload, func(d *declaration) **supervision.Reload { return &d.Supervision.Reload }),
			doc:       "`{on: [$CF_INSTANCE_CERT, bindings, conf/agent.yaml], signal: HUP}`: when one of these files changes, or a file in one of these directories, the supervisor sends the sidecar the signal: `HUP`, `USR1` or `USR2`. With `restart: true` instead of a signal, it restarts the sidecar, which does not count as a failure. `bindings` are the files of bound services",
			otherwise: "no file is watched",
		},
		{
			key: "on-change", supervisor: true, log: "%s to the app on changes", value: at(onChange, func(d *declaration) **supervision.OnChange { return &d.Supervision.OnChange }),
			doc:       "`{signal: HUP}` or `{post: /actuator/refresh}`: how a sidecar that knows it, such as `config-server`, tells the app that its configuration has changed: by this signal to the app's process (`HUP`, `USR1` or `USR2`), or by a POST request to this path of the app, at its `$PORT` or at `port: 8081`. The sidecar finds it in `SIDECAR_ON_CHANGE`, as JSON with `signal`, or `post` and the full address, and the file with the app's process ids in `SIDECAR_APP_PROCESSES`",
			otherwise: "the app is not told",
		},
		{
			key: "log", supervisor: true, log: "%s", value: at(log, func(d *declaration) **supervision.Log { return &d.Supervision.Log }),
			doc:       "`{level: warn, drop: ^healthcheck, prefix: true}`: which of the sidecar's lines to drop from the log: those below the level (`debug`, `info`, `warn`, `error`), if a line's level is recognized, and those that match the regular expression. The log says how many lines were dropped. `prefix` starts each line with the sidecar's name",
			otherwise: "all lines go straight to the log",
		},
		{
			key: "enforce-memory", supervisor: true, value: at(boolean, func(d *declaration) *bool { return &d.EnforceMemory }), log: "no more than its memory",
			doc:       "`true`: the supervisor kills the sidecar and all its descendants when together they have more resident memory than `memory`. Memory that they share with each other counts once; memory that they share with other processes counts in full",
			otherwise: "`false`",
		},
		{
			key: "stop-after-app", supervisor: true, value: at(boolean, func(d *declaration) *bool { return &d.Supervision.StopAfterApp }), log: "stops after the app",
			doc:       "`true`: on SIGTERM the sidecar keeps running until the app's process and the sidecars that depend on this one have ended",
			otherwise: "`false`",
		},
		{
			key: "stop-timeout", value: at(number(1, maxStopTimeout, "of seconds, of the ten that the platform gives in all, "), func(d *declaration) *int { return &d.Supervision.StopTimeout }),
			doc:       "how long `stop-after-app` may keep the sidecar running, from 1 to 9; also the time between SIGTERM and SIGKILL when the supervisor stops the sidecar",
			otherwise: "5",
		},
		{
			key: "proxy", supervisor: true, value: at(boolean, func(d *declaration) *bool { return &d.Proxy }), log: "receives the app's traffic",
			doc:       "`true`: the sidecar receives the app's traffic, on the platform's port, and passes it on",
			otherwise: "`false`",
		},
	})

// catalogFields may only be set in a catalog.
var catalogFields = []field{
	{
		key: "default", in: catalogOnly, value: at(boolean, func(d *declaration) *bool { return &d.isDefault }),
		doc:       "`true`: every app gets the sidecar",
		otherwise: "`false`",
	},
}

// checkFields returns the fields of one check. stated returns the check of a declaration, complete
// that of a definition.
func checkFields(key string, stated func(*declaration) *supervision.Check, complete func(Definition) *supervision.Check, doc, otherwise string) []field {
	return []field{
		{
			key: key + "-type", supervisor: true, doc: doc, otherwise: otherwise,
			log: strings.TrimSuffix(strings.TrimSuffix(key, "-check"), "-health") + " by %s", complete: func(d Definition) []string { return shownCheck(complete(d)) },
			value: at(choice(supervision.CheckHTTP, supervision.CheckPort, supervision.CheckProcess, supervision.CheckExec), func(d *declaration) *string { return &stated(d).Type }),
		},
		{
			key: key + endpointSuffix, value: at(endpoint, func(d *declaration) *string { return &stated(d).Endpoint }),
			doc: "the path to request", otherwise: "`/`",
		},
		{
			key: key + statusSuffix, value: at(statuses, func(d *declaration) *string { return &stated(d).Status }),
			doc: "the statuses that count as success: a status, a range such as `200-399`, or a list of both. Redirects are not followed", otherwise: "200",
		},
		{
			key: key + headersSuffix, value: at(variables(headerNames), func(d *declaration) *[]supervision.Variable { return &stated(d).Headers }),
			doc: "headers of the request, such as `{Authorization: Bearer $TOKEN}`; variables of the sidecar's environment are expanded. Messages never show a value",
		},
		{
			key: key + commandSuffix, value: at(text(MaxCommandLength), func(d *declaration) *string { return &stated(d).Command }),
			doc: "for the type `exec`: the command, which bash runs in the sidecar's environment and `work-dir`. Status 0 is success; on failure, the last line of its output is reported as the reason. On timeout, the command and all its descendants are killed",
		},
		{
			key: key + "-interval", value: at(number(1, maxSeconds, "of seconds "), func(d *declaration) *int { return &stated(d).Interval }),
			doc: "how often to check", otherwise: "30",
		},
		{
			key: key + "-invocation-timeout", value: at(number(1, maxSeconds, "of seconds "), func(d *declaration) *int { return &stated(d).InvocationTimeout }),
			doc: "how long an answer may take", otherwise: "1",
		},
	}
}

// fieldsFor returns the fields that an app may set, or those that a catalog may set.
func fieldsFor(source scope) []field {
	return slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return f.in != anywhere && f.in != source })
}

// ManifestKeys lists the keys of a sidecar in an app manifest (CF-31).
func ManifestKeys() []string {
	keys := []string{nameKey}
	for _, f := range fields {
		if f.manifest {
			keys = append(keys, f.key)
		}
	}
	return keys
}
