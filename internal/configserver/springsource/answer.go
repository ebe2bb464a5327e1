package springsource

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// maxState limits the state that is sent back, in bytes.
const maxState = 1024

// parse decodes an answer in either form, with or without a byte order mark. A property source without
// properties is an error: otherwise, keys would disappear from the app's configuration. The error quotes nothing
// from the answer.
func parse(content []byte) (environment.Environment, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	var answer struct {
		environment.Environment
		Sources *[]*environment.PropertySource `json:"propertySources"`
	}
	err := json.Unmarshal(content, &answer) // a json.Decoder would copy it all first
	if err != nil || answer.Sources == nil || answer.Name == "" {
		return environment.Environment{}, errors.New("found an answer that is not an environment; expected JSON with name and propertySources: is this the address of a Spring Cloud Config Server?")
	}
	found := answer.Environment
	found.PropertySources = make([]environment.PropertySource, len(*answer.Sources))
	for i, source := range *answer.Sources {
		if source == nil || source.Name == "" || source.Source == nil {
			return environment.Environment{}, fmt.Errorf("found the property source %d without a name or without properties; expected both: is this the address of a Spring Cloud Config Server?", i+1)
		}
		if err := plainValues(source); err != nil {
			return environment.Environment{}, err
		}
		found.PropertySources[i] = *source
	}
	return found, nil
}

// plainValues removes the origins from values that have the form {"value": …, "origin": …}, and flattens nested
// values, which some backends of the server send.
func plainValues(source *environment.PropertySource) error {
	nested := false
	for key, value := range source.Source {
		if object, ok := value.(map[string]any); ok && hasOrigin(object) {
			source.Source[key] = object["value"]
		}
		switch source.Source[key].(type) {
		case map[string]any, []any:
			nested = true
		}
	}
	if !nested {
		return nil
	}
	flat, err := environment.Flatten(source.Source)
	if err != nil {
		return fmt.Errorf("found an answer %w", err)
	}
	source.Source, source.Order = flat, nil
	return nil
}

// hasOrigin recognizes a value with its origin (PropertyValueDescriptor) as Spring's client does.
func hasOrigin(object map[string]any) bool {
	_, value := object["value"]
	_, origin := object["origin"]
	return value && origin && len(object) == 2
}

// version returns a fingerprint of the whole answer and, after a dot, the state, which the next request sends
// back. The fingerprint is keyed with a secret of this run, so that an attacker cannot guess a short password from it.
func (s *Source) version(found environment.Environment) (string, error) {
	sum := hmac.New(sha256.New, s.secret)
	head := found
	head.PropertySources = nil
	err := json.NewEncoder(sum).Encode(head)
	for _, source := range found.PropertySources { // one at a time, since they may be large
		err = errors.Join(err, source.WriteJSON(sum))
	}
	if err != nil {
		return "", errors.New("failed to write an environment as JSON")
	}
	version := base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:16])
	if found.State != nil && len(*found.State) <= maxState && httpguts.ValidHeaderFieldValue(*found.State) {
		version += "." + *found.State
	}
	return version, nil
}

func stateOf(version string) string {
	_, state, _ := strings.Cut(version, ".")
	return state
}
