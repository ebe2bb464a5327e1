package dependency

import (
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// mappingKind is what a bound service with mappings says of itself.
const mappingKind = "dependency-mapping"

// mapping is the address that a bound service has for a checksum, or empty. The credential is called
// after the checksum: DIGITS for sha256, or ALGORITHM:DIGITS or ALGORITHM_DIGITS. A service that says
// that it is a mapping goes first. But where the bindings are files the platform has overwritten what
// a service says of itself (CF-41), and a credential called after the very checksum can be nothing else.
func mapping(bound []bindings.Binding, checksum string) string {
	algorithm, digits, _ := strings.Cut(checksum, ":")
	names := []string{checksum, algorithm + "_" + digits}
	if algorithm == "sha256" {
		names = append(names, digits)
	}
	var fallback string
	for _, binding := range bound {
		for _, key := range binding.Keys() {
			if !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, key) }) {
				continue
			}
			address, _ := binding.Credential(key)
			if address = strings.TrimSpace(address); address == "" {
				continue
			}
			if binding.Is(mappingKind) {
				return address
			}
			if fallback == "" {
				fallback = address
			}
		}
	}
	return fallback
}
