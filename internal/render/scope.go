package render

import (
	"errors"
	"io/fs"
)

// A scope is what one sidecar's templates can use.
type scope struct {
	spec          Spec
	services      *services
	configuration *configuration
	environ       []string // including the sidecar's own variables
	files         string   // the directory of its files
	app           fs.FS
	// masked replaces each value that may be a secret with Mask.
	masked bool
}

// credential returns one from the services. In a preview, a credential that is unknown before the
// start counts as a secret.
func (s *scope) credential(wanted request) (any, error) {
	value, err := s.services.credential(wanted)
	switch {
	case s.masked && errors.Is(err, errUnknown):
		return secret(Mask), nil
	case err != nil || !s.masked:
		return value, err
	default:
		return hidden(value), nil
	}
}

// errUnknown is the error for a value that only the start can know.
var errUnknown = errors.New("it is not known before the start")
