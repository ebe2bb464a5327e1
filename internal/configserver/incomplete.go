package configserver

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/setting"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// checkComplete rejects settings of a kind of source whose address is missing: their author expects the source
// to be used.
func (k kind) checkComplete(s surroundings) error {
	if sourceSettings[k.name] == nil {
		return nil
	}
	address := k.name + "_" + addressKey
	for _, b := range s.bound {
		if isServer(b) && k.name == springsource.Name {
			return missingAddress(fmt.Sprintf("the service %s is bound", redact.Name(b.Name)), "its credential "+addressKey, b.Keys(), addressKey)
		}
		if !b.Is(setting.Service) {
			continue
		}
		for _, key := range b.Keys() {
			if kindOf(key) == k.name {
				return missingAddress(fmt.Sprintf("the service %s has the credential %s", redact.Name(b.Name), redact.Name(key)), "the credential "+address, b.Keys(), address)
			}
		}
	}
	names := ownVariables(s.environ)
	for _, name := range names {
		if strings.HasPrefix(name, variableOf(k.name+"_")) {
			return missingAddress(redact.Name(name)+" is set", variableOf(address), names, variableOf(address))
		}
	}
	return nil
}

// isServer reports whether a service can only be a Spring Cloud Config Server. A service named config-server may
// configure any source.
func isServer(b bindings.Binding) bool {
	return (b.Is("p-config-server") || b.Is("p.config-server")) && !b.Is(setting.Service)
}

// missingAddress returns an error that asks whether one of the given names was meant to be the wanted one.
func missingAddress(found, missing string, given []string, wanted string) error {
	question := ""
	for _, name := range given {
		if suggest.Name(name, []string{wanted}) != "" {
			question = suggest.Question(name, []string{wanted})
		}
	}
	return fmt.Errorf("%s, but %s is missing: expected it to have the address of the source, or these settings to be removed%s", found, missing, question)
}

// checkBound rejects a bound service that is meant to configure a source, if no source is configured at all.
func checkBound(s surroundings) error {
	for _, b := range s.bound {
		if !slices.ContainsFunc(services, b.Is) {
			continue
		}
		var known []string
		for name := range sourceSettings {
			known = append(known, name+"_"+addressKey)
		}
		slices.Sort(known)
		expected := strings.Join(known, ", ")
		if !b.Is(setting.Service) {
			known, expected = []string{addressKey}, addressKey
		}
		question := ""
		for _, key := range b.Keys() {
			if meant := suggest.Question(key, known); meant != "" {
				question = meant
			}
		}
		return fmt.Errorf("the service %s is bound, and has the address of no source: expected a credential %s%s", redact.Name(b.Name), expected, question)
	}
	return nil
}
