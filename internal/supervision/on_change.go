package supervision

// The variables that tell a command with OnChange what to do.
const (
	// OnChangeVariable is a JSON object: {"signal": "HUP"}, or {"post":
	// "http://127.0.0.1:8080/refresh"}.
	OnChangeVariable = "SIDECAR_ON_CHANGE"
	// AppProcessesVariable is the path of AppFile.
	AppProcessesVariable = "SIDECAR_APP_PROCESSES"
)

// An OnChange says how a command notifies the app of a change in what it watches for the app. The
// command itself does so. Either Signal or Post is set.
type OnChange struct {
	// Signal is one of ReloadSignals, for the processes in AppFile.
	Signal string `conf:"signal"`
	// Post is the path of one of the app's URLs, for a POST request.
	Post string `conf:"post"`
	// Port is where the app accepts that request: a number or a reference to a variable; empty
	// means the app's PORT.
	Port string `conf:"port"`
}
