package sidecar

// The keys that are named outside of the table of fields.
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
	bindingKey   = "binding"
	enabledKey   = "enabled"
	portKey      = "port"
	socketKey    = "socket"
	// Those of a check begin with readinessKey or healthKey, and end in one of these.
	endpointSuffix = "-http-endpoint"
	statusSuffix   = "-http-status"
	headersSuffix  = "-http-headers"
	commandSuffix  = "-command"
)
