package sidecar

// Keys that are named outside of the table of fields.
const (
	nameKey       = "name"
	commandKey    = "command"
	dependencyKey = "dependency"
	versionKey    = "version"
	executableKey = "executable"
	stripKey      = "strip"
	artifactKey   = "artifact"
	// EnvKey and AppEnvKey have values that must not be in a droplet if they come from the app's
	// own environment.
	EnvKey    = "env"
	AppEnvKey = "app-env"
	// ReadinessHeadersKey and HealthHeadersKey have such values, too.
	ReadinessHeadersKey = readinessKey + headersSuffix
	HealthHeadersKey    = healthKey + headersSuffix
	// So does FilesKey.
	FilesKey     = "files"
	readinessKey = "readiness-health-check"
	healthKey    = "health-check"
	bindingKey   = "binding"
	enabledKey   = "enabled"
	portKey      = "port"
	socketKey    = "socket"
	// The keys of a check begin with readinessKey or healthKey, and end in one of these.
	endpointSuffix = "-http-endpoint"
	statusSuffix   = "-http-status"
	headersSuffix  = "-http-headers"
	commandSuffix  = "-command"
)
