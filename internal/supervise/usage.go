//go:build linux

package supervise

const usage = `usage: supervise NAME -- COMMAND [ARGUMENT...]   run a command as the specs say of NAME
       supervise --app PID                       do what the sidecars ask of the app's process, and print what its shell evaluates
       supervise --app shell                     the same for an interactive session, which does not wait
       supervise --otel-identity                 print the app's identity for OpenTelemetry, for its shell
       supervise --ports COMMAND                 print the ports of a process with this command, for its shell
`
