package supervision

// ReloadBindings, among what Reload.On names, are the files of the app's bound services, in
// the forms that have files (CF-41).
const ReloadBindings = "bindings"

// ReloadSignals are those that a command can be told by to read its files again. They are
// the ones that programs take for that; others end most programs.
var ReloadSignals = []string{"HUP", "USR1", "USR2"}

// A Reload has a command read its files again when they change. One of Signal and Restart
// is set.
type Reload struct {
	// On are paths of files and directories, relative to the command's directory, with
	// references to variables expanded; or ReloadBindings.
	On []string `conf:"on"`
	// Signal is one of ReloadSignals.
	Signal string `conf:"signal"`
	// Restart ends the command and starts it again, which counts as no failure.
	Restart bool `conf:"restart"`
}
