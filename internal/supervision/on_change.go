package supervision

// The variables by which a command with OnChange knows what to do.
const (
	// OnChangeVariable is a JSON object: {"signal": "HUP"}, or {"post": "http://127.0.0.1:8080/refresh"}.
	OnChangeVariable = "SIDECAR_ON_CHANGE"
	// AppProcessesVariable is the path of AppFile.
	AppProcessesVariable = "SIDECAR_APP_PROCESSES"
)

// An OnChange is how a command tells the app that something has changed which it watches for
// the app. The command does so itself. One of Signal and Post is set.
type OnChange struct {
	// Signal is one of ReloadSignals, for the processes of AppFile.
	Signal string `conf:"signal"`
	// Post is the path of a URL of the app, for a POST request.
	Post string `conf:"post"`
	// Port is where the app answers that, a number or a reference to a variable; empty is the
	// app's PORT.
	Port string `conf:"port"`
}
