package controller

import "github.com/cloudfoundry-community/sidecar-buildpack/launch"

// push returns false if it was stopped.
func (a *attempt) push(staged []launch.Process, app App) bool {
	return a.apply(app) && a.stage(staged) && a.assign(staged)
}

// apply applies an app manifest: it creates and changes all processes, then scales all of them, and
// only then creates sidecars or, if one of the name exists, changes it, whatever its origin
// (CF-38).
func (a *attempt) apply(app App) bool {
	for _, p := range app.Processes {
		if !a.update(p) {
			return false
		}
	}
	for _, p := range app.Processes {
		if !a.scale(p) {
			return false
		}
	}
	for _, s := range app.Sidecars {
		if !a.applySidecar(s) {
			return false
		}
	}
	return true
}
