package manifest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// variableRefusal returns why Cloud Controller refuses a variable by its name, in its own words,
// and what was expected; or "". The rules are those of manifests and of cf set-env
// (cloud_controller_ng, app/messages/validators.rb, EnvironmentVariablesValidator).
func variableRefusal(name string) (message, want string) {
	switch upper := strings.ToUpper(name); {
	case name == "":
		return "key must be a minimum length of 1", ""
	case strings.HasPrefix(upper, "VCAP_"):
		return "cannot start with VCAP_", "another name"
	case strings.HasPrefix(upper, "VMC"):
		return "cannot start with VMC_", "another name"
	case upper == "PORT":
		return "cannot set PORT", "another name: the platform sets it"
	default:
		return "", ""
	}
}

// replaced are the variables that the platform or its launcher sets, whatever the developer sets
// (CF-14, CF-24).
var replaced = []string{
	"MEMORY_LIMIT", "INSTANCE_GUID", "INSTANCE_INDEX", "CF_INSTANCE_ADDR", "CF_INSTANCE_GUID", "CF_INSTANCE_INDEX",
	"CF_INSTANCE_INTERNAL_IP", "CF_INSTANCE_IP", "CF_INSTANCE_PORT", "CF_INSTANCE_PORTS", "DEPS_DIR", "HOME", "TMPDIR",
}

// Replaced returns the names of the variables that the platform sets, whatever a developer sets.
func Replaced() []string { return slices.Clone(replaced) }

// variableNote returns a remark on a variable that Cloud Controller accepts, but that is probably a
// mistake; or "".
func variableNote(name string) string {
	if slices.Contains(replaced, name) {
		return "the platform replaces it with its own value when it starts the app"
	}
	return ""
}

// CheckVariable returns an error if cf set-env would refuse a variable, or if no process can have
// it. note is a remark on a valid variable. Neither contains any part of the value.
func CheckVariable(name, value string) (note string, err error) {
	message, want := variableRefusal(name)
	switch {
	case message != "" && want != "":
		//lint:ignore ST1005 it begins with a name
		return "", fmt.Errorf("Cloud Controller refuses it: %s; expected %s", message, want)
	case message != "":
		//lint:ignore ST1005 it begins with a name
		return "", fmt.Errorf("Cloud Controller refuses it: %s", message)
	case !utf8.ValidString(name + value):
		return "", errors.New("found bytes that are not text; expected UTF-8")
	case strings.ContainsRune(name+value, 0):
		return "", errors.New("found a NUL byte, which no process can have in a variable; expected text without one")
	default:
		return variableNote(name), nil
	}
}
