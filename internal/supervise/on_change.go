package supervise

import (
	"encoding/json"
	"path/filepath"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// withOnChange adds the variables that tell a command how to notify the app of changes
// (supervision.OnChangeVariable, supervision.AppProcessesVariable). PORT still has to be the app's,
// also in the environment of a proxy.
func (e environment) withOnChange(directory string, on *supervision.OnChange, warn func(format string, args ...any)) environment {
	var told struct {
		Signal string `json:"signal,omitempty"`
		Post   string `json:"post,omitempty"`
	}
	told.Signal = on.Signal
	if on.Post != "" {
		port := e.lookup("PORT")
		if on.Port != "" {
			port = e.expand(on.Port)
		}
		if port == "" {
			warn("on-change: found no port of the app in %s; it is not told of changes", portName(on))
			return e
		}
		told.Post = "http://127.0.0.1:" + port + on.Post
	}
	text, err := json.Marshal(told)
	if err != nil {
		warn("on-change: the app is not told of changes: %s", err)
		return e
	}
	file := filepath.Join(directory, supervision.RunDirectory, supervision.AppFile)
	return e.set(supervision.OnChangeVariable, string(text)).set(supervision.AppProcessesVariable, file)
}

func portName(on *supervision.OnChange) string {
	if on.Port == "" {
		return "$PORT"
	}
	return on.Port
}
