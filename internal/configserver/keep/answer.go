package keep

import (
	"strings"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// Answer combines the answers of all sources to one request. It is immutable.
type Answer struct {
	// Environment has the property sources of all sources in order, decrypted.
	Environment environment.Environment
	// Undecrypted lists the keys that are left out because their values could not be decrypted.
	Undecrypted []string
	// Form is the environment rendered by Options.Form, and Omitted lists the keys that it leaves out. Only the
	// main answer has them.
	Form    []byte
	Omitted []environment.Omission
}

// Snapshot is the answer to a request at one moment. It is immutable.
type Snapshot struct {
	*Answer
	// Confirmed is when the answer was last known to be current: the earliest time of all sources that can
	// change. It is zero if none can.
	Confirmed time.Time
	// Outdated means that the last attempt to ask a source failed, so that it may have changed.
	Outdated bool
}

// Age returns the time since the answer was confirmed, or 0 if it cannot change.
func (s *Snapshot) Age(now time.Time) time.Duration {
	if s.Confirmed.IsZero() {
		return 0
	}
	return max(0, now.Sub(s.Confirmed))
}

// merge combines environments into one; the first wins. It returns a single one unchanged.
func merge(request environment.Request, all []environment.Environment) environment.Environment {
	if len(all) == 1 {
		return all[0]
	}
	merged := environment.Environment{Name: request.Application, Profiles: request.Profiles}
	var versions []string
	for _, one := range all {
		merged.PropertySources = append(merged.PropertySources, one.PropertySources...)
		if merged.Label == nil {
			merged.Label = one.Label
		}
		if merged.State == nil {
			merged.State = one.State
		}
		if one.Version != nil {
			versions = append(versions, *one.Version)
		}
	}
	if len(versions) > 0 {
		version := strings.Join(versions, ",")
		merged.Version = &version
	}
	return merged
}

// weight estimates how many bytes an environment takes.
func weight(e environment.Environment) int {
	const each = 64 // for an entry in a map, with the headers of key and value
	bytes := 0
	for _, source := range e.PropertySources {
		for key, value := range source.Source {
			bytes += each + len(key)
			if text, ok := value.(string); ok {
				bytes += len(text)
			}
		}
	}
	return bytes
}
