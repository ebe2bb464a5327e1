package render

import (
	"errors"
	"io/fs"
)

// A scope is what the template of one sidecar sees.
type scope struct {
	spec          Spec
	services      *services
	configuration *configuration
	environ       []string // with the sidecar's own variables
	files         string   // the directory of its files
	app           fs.FS
	// masked hides each value that may be a secret from the result, as Mask.
	masked bool
}

// credential is that of the services. In a preview, one of which nothing is known before the
// start is a secret.
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

// errUnknown is the error of a value that only the start can know.
var errUnknown = errors.New("it is not known before the start")
