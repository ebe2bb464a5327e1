package dryrun

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
)

// secrets are the values that must not leave a staging, and the variables with them.
type secrets struct {
	services    []byte // VCAP_SERVICES
	environment map[string]string
	values      []secret
	planted     [][]byte // the forms in which all planted values begin
}

// A secret is a value to search for, and its description.
type secret struct {
	what    string
	forms   [][]byte // as formsOf returns them
	planted bool
}

// mark is the beginning of all planted values.
const mark = "planted"

// minSecret is the minimum length of a user's value to search for: a shorter one could occur by
// chance.
const minSecret = 8

// plant makes the services and the environment of the stagings, with values that occur nowhere
// else. It also adds the user's values to the search.
func plant(given []byte, environment map[string]string, buildpack string) (secrets, error) {
	s := secrets{environment: maps.Clone(environment), planted: formsOf(mark)}
	if s.environment == nil {
		s.environment = map[string]string{}
	}
	services := map[string][]map[string]any{}
	if given != nil {
		if err := json.Unmarshal(given, &services); err != nil {
			return s, fmt.Errorf("failed to read the services: %w; expected the JSON of VCAP_SERVICES", err)
		}
	}
	for _, label := range slices.Sorted(maps.Keys(services)) {
		for _, service := range services[label] {
			s.collect(fmt.Sprint(label, ": credentials"), service["credentials"], false)
		}
	}
	for name, value := range s.environment {
		if redact.Telling(name) && len(value) >= minSecret {
			s.add("the variable "+name, value)
		}
	}
	names := []string{appName}
	for _, entry := range catalog(buildpack) {
		if name, ok := entry.Binding.(string); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		services["user-provided"] = append(services["user-provided"], s.service(name))
	}
	for _, name := range []string{"DB_PASSWORD", "API_TOKEN"} {
		if _, stated := s.environment[name]; !stated {
			s.environment[name] = s.plant("the variable " + name)
		}
	}
	var err error
	s.services, err = json.Marshal(services)
	return s, err
}

// service returns a service with the credentials that vendors of agents and databases use.
func (s *secrets) service(name string) map[string]any {
	credentials := map[string]any{"url": "https://service.example.com", "host": "service.example.com", "port": 443, "username": "user"}
	for _, key := range []string{"password", "api_key", "apikey", "apitoken", "token", "license_key", "licenseKey", "client_id", "client_secret", "secret", "access_token", "account_access_key"} {
		credentials[key] = s.plant("the credential " + key)
	}
	credentials["uri"] = "https://user:" + s.plant("the password in the credential uri") + "@service.example.com/db"
	return map[string]any{"name": name, "instance_name": name, "binding_name": nil, "label": "user-provided", "tags": []string{name}, "plan": "standard", "credentials": credentials}
}

// plant makes a value that occurs nowhere else.
func (s *secrets) plant(what string) string {
	random := make([]byte, 12)
	_, _ = rand.Read(random) // it never fails
	value := mark + hex.EncodeToString(random)
	s.values = append(s.values, secret{what, formsOf(value), true})
	return value
}

// add adds a value of the user.
func (s *secrets) add(what, value string) {
	s.values = append(s.values, secret{what, formsOf(value), false})
}

// collect adds the values of credentials whose names suggest a secret.
func (s *secrets) collect(path string, value any, telling bool) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			s.collect(path+"."+key, v[key], telling || redact.Telling(key))
		}
	case []any:
		for i, element := range v {
			s.collect(fmt.Sprintf("%s[%d]", path, i), element, telling)
		}
	case string:
		if telling && len(v) >= minSecret {
			s.add("the credential "+path, v)
		}
	}
}

// in returns the secrets in a text, which base64 may break into lines.
func (s *secrets) in(text []byte) (found []string) {
	texts := [][]byte{text}
	if at := bytes.IndexByte(text, '\n'); at >= 0 && at < len(text)-1 {
		texts = append(texts, bytes.ReplaceAll(text, []byte("\n"), nil))
	}
	for _, text := range texts {
		isPlanted := containsAny(text, s.planted)
		for _, value := range s.values {
			if (isPlanted || !value.planted) && !slices.Contains(found, value.what) && containsAny(text, value.forms) {
				found = append(found, value.what)
			}
		}
	}
	return found
}

func containsAny(text []byte, forms [][]byte) bool {
	return slices.ContainsFunc(forms, func(form []byte) bool { return bytes.Contains(text, form) })
}

// maxLength is the length of the longest secret in any form, in bytes, and once more, since it may
// be broken into lines.
func (s *secrets) maxLength() int {
	most := 1
	for _, value := range s.values {
		for _, form := range value.forms {
			most = max(most, len(form))
		}
	}
	return 2 * most
}

// chunk is how much of a file is searched at once, in bytes.
const chunk = 1 << 20

// search reads everything in parts, and calls visit for each; a part begins with the last overlap
// bytes of the one before.
func search(from io.Reader, overlap int, visit func(part []byte)) error {
	buffer := make([]byte, chunk+overlap)
	kept := 0
	for {
		n, err := io.ReadFull(from, buffer[kept:])
		if n > 0 {
			visit(buffer[:kept+n])
		}
		if err != nil {
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				return nil
			}
			return err
		}
		kept = copy(buffer, buffer[len(buffer)-overlap:])
	}
}

// mask removes the secrets from a text.
func (s *secrets) mask(text string) string {
	for _, value := range s.values {
		for _, form := range value.forms {
			text = strings.ReplaceAll(text, string(form), "***")
		}
	}
	return text
}
