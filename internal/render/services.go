package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// credHubKey is the only credential of a binding whose credentials are in CredHub (CF-42).
const credHubKey = "credhub-ref"

// services are those bound to the app. They are read when a value is first needed, so that a
// sidecar that needs none starts whatever is bound.
type services struct {
	read func() ([]bindings.Binding, error)
	// resolve returns a binding with the credentials from CredHub that it refers to.
	resolve func(bindings.Binding) (bindings.Binding, error)

	all      []bindings.Binding
	unread   error
	wereRead bool
	resolved map[string]resolution // by the names of bindings

	// reported contains the texts of errors that are the same for all credentials of a service,
	// such as two matching services, and whether the error has been reported.
	reported map[string]bool
}

type resolution struct {
	binding bindings.Binding
	err     error
}

// A request asks for a credential.
type request struct {
	selector *bindings.Selector // nil if no service is given
	path     textArgument
	// service is how errors show the name, label or tag of the selector; empty: unchanged.
	service string
	// asText returns a list or an object as JSON, so that text which looks like one is text in
	// every form (CF-41).
	asText bool
}

// credential returns the value at a path in the one service that is meant; a number, true or false
// is returned as text. The error is a *missingError if there is no such service or no such value.
func (s *services) credential(wanted request) (any, error) {
	if wanted.selector == nil {
		return nil, valueError(fmt.Errorf(`found the credential %s of no service; expected the field binding to be stated, or binding "KEY" "SERVICE"`, wanted.path.shown))
	}
	found, err := s.find(wanted)
	if err != nil {
		return nil, err
	}
	value, ok := found.Value(wanted.path.text)
	if !ok {
		return nil, missingCredential(found, wanted.path)
	}
	if text, ok := found.Text(wanted.path.text); ok && wanted.asText {
		return text, nil
	}
	switch value := value.(type) {
	case json.Number:
		return value.String(), nil
	case bool:
		return strconv.FormatBool(value), nil
	default:
		return value, nil
	}
}

func missingCredential(b bindings.Binding, path textArgument) error {
	if b.IsNull(path.text) {
		return &missingError{fmt.Sprintf("found null at the key %s in the credentials of the service %q; expected a value, or a default", path.shown, b.Name)}
	}
	meant := ""
	if path.isShown() {
		meant = similarKey(b, path.text)
	}
	text := fmt.Sprintf("found no key %s in the credentials of the service %q%s, or a default", path.shown, b.Name, suggest.Before(meant, "expected one"))
	if refersToCredHub(b) {
		text += ": they are in CredHub, and CREDHUB_SKIP_INTERPOLATION leaves them there"
	}
	return &missingError{text}
}

// similarKey returns the key of a credential that was probably meant, in quotes.
func similarKey(b bindings.Binding, path string) string {
	keys := slices.DeleteFunc(b.Keys(), b.IsNull)
	if meant := suggest.Name(path, keys); meant != "" {
		return strconv.Quote(meant)
	}
	return ""
}

// find returns the one service that is meant, with its credentials.
func (s *services) find(wanted request) (bindings.Binding, error) {
	found, err := s.lookUp(wanted)
	if err != nil && !s.reported[err.Error()] {
		s.reported[err.Error()] = false
	}
	return found, err
}

// isRepeated reports whether an error with this text has been reported before for the same service.
// Call it for each error that is to be reported.
func (s *services) isRepeated(text string) bool {
	reported, known := s.reported[text]
	if known {
		s.reported[text] = true
	}
	return reported
}

// lookUp is find, but does not record the error for isRepeated.
func (s *services) lookUp(wanted request) (bindings.Binding, error) {
	if !s.wereRead {
		s.all, s.unread = s.read()
		s.wereRead, s.resolved, s.reported = true, map[string]resolution{}, map[string]bool{}
	}
	if s.unread != nil {
		return bindings.Binding{}, valueError(s.unread)
	}
	found, err := wanted.selector.Find(s.all)
	var notBound *bindings.NotBoundError
	var ambiguous *bindings.AmbiguousError
	switch {
	case errors.As(err, &notBound):
		if wanted.service != "" {
			notBound.Wanted = "name, label or tag " + wanted.service
		}
		return bindings.Binding{}, &missingError{notBound.Error()}
	case errors.As(err, &ambiguous) && wanted.service != "":
		ambiguous.Wanted = "name, label or tag " + wanted.service
		return bindings.Binding{}, valueError(ambiguous)
	case err != nil:
		return bindings.Binding{}, valueError(err)
	case !refersToCredHub(found):
		return found, nil
	}
	known, ok := s.resolved[found.Name]
	if !ok {
		known.binding, known.err = s.resolve(found)
		s.resolved[found.Name] = known
	}
	return known.binding, valueError(known.err)
}

func refersToCredHub(b bindings.Binding) bool {
	_, refers := b.Credentials[credHubKey]
	return refers
}

// servicesOf returns the services in an environment.
func servicesOf(environ []string, resolve func(bindings.Binding) (bindings.Binding, error)) *services {
	return &services{read: func() ([]bindings.Binding, error) { return bindings.Read(environ) }, resolve: resolve}
}
