package dependency

import (
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// mappingKind is the type of a bound service with mappings.
const mappingKind = "dependency-mapping"

// mapping returns the address that a bound service has for a checksum, or "". The credential's name
// is the checksum: DIGITS for sha256, or ALGORITHM:DIGITS or ALGORITHM_DIGITS. A service of the
// type mappingKind takes precedence. But if the bindings are files, the platform has overwritten
// the type (CF-41), and a credential whose name is exactly this checksum can be nothing else.
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
