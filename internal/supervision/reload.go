package supervision

// ReloadBindings, as an item of Reload.On, means the files of the app's bound services, in the
// forms that have files (CF-41).
const ReloadBindings = "bindings"

// ReloadSignals are the signals that may tell a command to read its files again. Programs use these
// for that; others end most programs.
var ReloadSignals = []string{"HUP", "USR1", "USR2"}

// A Reload has a command read its files again when they change. Either Signal or Restart is set.
type Reload struct {
	// On lists paths of files and directories, relative to the command's directory, with references
	// to variables expanded; or ReloadBindings.
	On []string `conf:"on"`
	// Signal is one of ReloadSignals.
	Signal string `conf:"signal"`
	// Restart ends the command and starts it again, which does not count as a failure.
	Restart bool `conf:"restart"`
}
