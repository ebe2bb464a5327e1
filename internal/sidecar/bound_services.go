package sidecar

import "github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"

// Services are the services that are bound to the app.
type Services struct {
	// Known tells that Bound are all of them. Before a push, that need not be known.
	Known bool
	Bound []bindings.Binding
}

// IsUnresolved tells a service whose credentials are a reference to CredHub, which is
// resolved when a sidecar starts (CF-42).
func IsUnresolved(b bindings.Binding) bool { return has(b, "credhub-ref") }

func has(b bindings.Binding, path string) bool {
	_, found := b.Value(path)
	return found
}
