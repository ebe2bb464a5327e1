package keep

import (
	"strings"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// An Answer is what all sources together say to a request. It does not change.
type Answer struct {
	// Environment has the property sources of all sources in their order, decrypted.
	Environment environment.Environment
	// Undecrypted are the keys whose values could not be decrypted, and are left out.
	Undecrypted []string
	// Form is what Options.Form makes of the environment, and Omitted are the keys that it leaves out. Only the
	// main answer has them.
	Form    []byte
	Omitted []environment.Omission
}

// A Snapshot is the answer to a request at a time. It does not change.
type Snapshot struct {
	*Answer
	// Confirmed is when the answer was known to be current: the earliest time of all sources that
	// can change. It is zero if none can.
	Confirmed time.Time
	// Outdated says that a source could not be asked since, so that it may say something else now.
	Outdated bool
}

// Age is how long ago the answer was confirmed, and is 0 if it cannot change.
func (s *Snapshot) Age(now time.Time) time.Duration {
	if s.Confirmed.IsZero() {
		return 0
	}
	return max(0, now.Sub(s.Confirmed))
}

// merge is one environment of several, the first of which wins. A single one stays as it is.
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

// weight is about how many bytes an environment takes.
func weight(e environment.Environment) int {
	const each = 64 // of an entry in a map, with the headers of key and value
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
