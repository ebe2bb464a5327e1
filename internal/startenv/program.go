package startenv

// Program is the name of this program, in the directory of the supervisor.
const Program = "sidecar-env"

// The exit codes.
const (
	exitSuccess = 0
	exitFailed  = 1
	exitUsage   = 2
)

const usage = `usage: sidecar-env env NAME FROM       print the env of the sidecar NAME that FROM states, NAME=VALUE and a NUL each
       sidecar-env [readiness-]health-check-http-headers NAME FROM   print those headers in the same way
       sidecar-env app-env NAME FROM   print its app-env, a list in JSON
       sidecar-env render NAME FROM FROM   print its env and its files as JSON
       sidecar-env is-sidecar DEPS_DIR POSITION COMMAND   exit with 0 if a launch.yml declares COMMAND as a sidecar of this process
`
