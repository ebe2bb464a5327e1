package configserver

import (
	"log"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/plainsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/setting"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

const variablePrefix = "CONFIG_SERVER_"

// addressKey is the setting without which a source is not configured.
const addressKey = "uri"

// sourceSettings lists the settings of each kind of source, the address first.
var sourceSettings = map[string][]string{
	"spring":  {addressKey, "username", "password", "access_token_uri", "client_id", "client_secret", "certificate", "key"},
	"git":     {addressKey, "label", "path", "username", "password", "token"},
	"vault":   {addressKey, "namespace", "mount", "path", "token", "role_id", "secret_id", "role", "login_mount"},
	"credhub": {addressKey, "path", "label", "access_token_uri", "client_id", "client_secret"},
}

// encryptSettings lists the credentials that configure decryption.
var encryptSettings = []string{
	"encrypt_key", "encrypt_key_file", "encrypt_salt", "encrypt_keystore", "encrypt_keystore_password",
	"encrypt_keystore_alias", "encrypt_keystore_secret", "encrypt_rsa_algorithm", "encrypt_rsa_strong", "encrypt_rsa_salt",
}

// knownCredentials lists the credentials that the service config-server may have, such as git_uri.
func knownCredentials() []string {
	known := slices.Clone(encryptSettings)
	for kind, keys := range sourceSettings {
		for _, key := range keys {
			known = append(known, kind+"_"+key)
		}
	}
	slices.Sort(known)
	return known
}

// knownVariables lists all variables with its prefix that config-server reads.
func knownVariables() []string {
	known := []string{
		portVariable, socketVariable, plainsource.Variable, sourcesVariable, applicationVariable, profilesVariable, labelVariable,
		intervalVariable, keepVariable, startFromKeptVariable,
	}
	for _, key := range knownCredentials() {
		known = append(known, variableOf(key))
	}
	return known
}

// variableOf returns the variable for the same setting as a credential.
func variableOf(credential string) string { return variablePrefix + strings.ToUpper(credential) }

// warnUnknown logs each variable that has config-server's prefix but is unknown: otherwise, a misspelled setting
// would silently have no effect. Values are not logged.
func warnUnknown(environ []string, logger *log.Logger) {
	known := knownVariables()
	for _, name := range ownVariables(environ) {
		if !slices.Contains(known, name) {
			logger.Printf("The variable %s is not known and has no effect%s", redact.Name(name), orPeriod(suggest.Question(name, known)))
		}
	}
}

// warnUnknownCredentials does the same for credentials of the service config-server that look like settings.
func warnUnknownCredentials(bound []bindings.Binding, logger *log.Logger) {
	known := knownCredentials()
	for _, b := range bound {
		if !b.Is(setting.Service) {
			continue
		}
		for _, key := range b.Keys() {
			meant := suggest.Name(key, known)
			if !slices.Contains(known, key) && (meant != "" || kindOf(key) != "") {
				logger.Printf("The credential %s of the service %s is not known and has no effect%s", redact.Name(key), redact.Name(b.Name), orPeriod(suggest.Question(key, known)))
			}
		}
	}
}

// ownVariables returns the variables with config-server's prefix that are set and not empty, sorted.
func ownVariables(environ []string) []string {
	var names []string
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, variablePrefix) && value != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// kindOf returns the kind of source that a credential such as git_url is meant for, or empty.
func kindOf(key string) string {
	prefix, _, _ := strings.Cut(key, "_")
	if _, is := sourceSettings[prefix]; is {
		return prefix
	}
	return ""
}

// orPeriod ends a log line: with a question, or with a period.
func orPeriod(question string) string {
	if question == "" {
		return "."
	}
	return question
}
