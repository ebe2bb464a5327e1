package configserver

import (
	"fmt"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/setting"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// checkTexts rejects credentials that are settings and a list or an object: as JSON, they would be sent to a
// server as a token or a password. Text that merely looks like JSON is fine in every form of a binding.
func checkTexts(bound []bindings.Binding) error {
	for _, b := range bound {
		if !slices.ContainsFunc(services, b.Is) {
			continue
		}
		known := knownCredentials()
		if !b.Is(setting.Service) || b.Is("p-config-server") || b.Is("p.config-server") {
			known = append(known, sourceSettings[springsource.Name]...)
		}
		for _, key := range b.Keys() {
			if _, maybeText := b.Structured[key]; maybeText || !slices.Contains(known, key) {
				continue
			}
			found := ""
			switch b.Credentials[key].(type) {
			case []any:
				found = "a list"
			case map[string]any:
				found = "an object"
			default:
				continue
			}
			return fmt.Errorf("the credential %s of the service %s is %s; expected text", key, redact.Name(b.Name), found)
		}
	}
	return nil
}
