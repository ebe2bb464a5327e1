package sidecar

import "github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"

// Services are the services bound to the app.
type Services struct {
	// Known says that Bound is complete. Before a push, it may not be.
	Known bool
	Bound []bindings.Binding
}

// IsUnresolved reports whether a service's credentials are a reference to CredHub, which is
// resolved when a sidecar starts (CF-42).
func IsUnresolved(b bindings.Binding) bool { return has(b, "credhub-ref") }

func has(b bindings.Binding, path string) bool {
	_, found := b.Value(path)
	return found
}
