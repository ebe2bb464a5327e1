package manifest

import (
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// appFeatures are the possible features of an app (cloud_controller_ng,
// app/models/helpers/app_features.rb). The first two have no effect here.
var appFeatures = []string{"ssh", "revisions", string(bindings.InDirectory), string(bindings.InFile)}

// services reads the features of an app, and returns the form in which it gets bound services
// (CF-41).
func (r *reader) services(f fields) bindings.Form {
	value, ok := f.get("features")
	if !ok {
		return bindings.InEnvironment
	}
	const sentence = "Features must be a map of valid feature names to booleans (true = enabled, false = disabled)"
	features, isMapping := value.(object)
	if !isMapping || len(features) == 0 {
		r.refuse(f.path("features"), sentence, show(value), "a mapping such as {"+string(bindings.InFile)+": true}")
	}
	enabled := map[string]bool{}
	for _, m := range features {
		name := text(m.key)
		on, isBool := m.value.(bool)
		switch path := f.path("features", name); {
		case !slices.Contains(appFeatures, name):
			r.refuse(path, sentence, "the feature "+quote(name), "one of "+strings.Join(appFeatures, ", "))
		case !isBool:
			r.refuse(path, sentence, show(m.value), "true or false, without quotes")
		}
		enabled[name] = on
	}
	switch inFile, inDirectory := enabled[string(bindings.InFile)], enabled[string(bindings.InDirectory)]; {
	case inFile && inDirectory:
		r.refuse(f.path("features"), "'file-based-vcap-services' and 'service-binding-k8s' features cannot be enabled at the same time.", "", "")
	case inFile:
		return bindings.InFile
	case inDirectory:
		return bindings.InDirectory
	}
	return bindings.InEnvironment
}
