package bindings

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// IncompatibleError says in Cloud Controller's words why it does not pass the bindings on in files.
type IncompatibleError struct{ Reason string }

func (e *IncompatibleError) Error() string { return e.Reason }

func incompatible(format string, args ...any) error {
	return &IncompatibleError{fmt.Sprintf(format, args...)}
}

// fileName is the name of the JSON file, which Cloud Controller counts towards the limit.
const fileName = "vcap_services"

// File returns the content of the file that VCAP_SERVICES_FILE_PATH names, for the JSON of VCAP_SERVICES. If
// Cloud Controller would reject the bindings, the error is an *IncompatibleError.
func File(services []byte) ([]byte, error) {
	if _, err := Parse(services); err != nil {
		return nil, err
	}
	content := compact(services)
	return content, checkSize(len(fileName) + len(content))
}

// Directory returns the contents of SERVICE_BINDING_ROOT for the JSON of VCAP_SERVICES: a file's content for
// each NAME/KEY. Like Cloud Controller, it writes the credentials first. Over them, it writes what else the
// platform knows about a binding, and its type and provider, which are both the label
// (service_binding_files_builder.rb). It leaves out null and empty values. A CredHub reference is a file like
// any other: nothing resolves it here (CF-42). If Cloud Controller would reject the bindings, the error is an
// *IncompatibleError.
func Directory(services []byte) (map[string][]byte, error) {
	if _, err := Parse(services); err != nil {
		return nil, err
	}
	var labels map[string]json.RawMessage // the last one if a label occurs twice, as in Parse
	if err := json.Unmarshal(services, &labels); err != nil {
		return nil, errors.New("failed to read the labels") // Parse has decoded them
	}
	d := directory{files: map[string][]byte{}}
	names := map[string]bool{}
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		var list []map[string]json.RawMessage
		if err := json.Unmarshal(labels[label], &list); err != nil {
			return nil, errors.New("failed to read the bindings of a label") // Parse has decoded them
		}
		for _, fields := range list {
			name, err := d.nameOf(fields)
			if err != nil {
				return nil, err
			}
			if names[name] {
				return nil, incompatible("Duplicate binding name: %s", name)
			}
			names[name] = true
			if err := d.addBinding(name, label, fields); err != nil {
				return nil, err
			}
		}
	}
	return d.files, checkSize(d.bytes)
}

// directory collects the files. A file that is overwritten counts twice, as in Cloud Controller.
type directory struct {
	files map[string][]byte
	bytes int
}

var (
	namePattern = regexp.MustCompile(`^[a-z0-9\-.]{1,253}$`)
	keyPattern  = regexp.MustCompile(`^[a-z0-9\-._]{1,253}$`)
)

// nameOf returns the binding's name, which names its directory. The pattern also matches two dots, which lead
// out of the directory; Cloud Controller rejects those.
func (d *directory) nameOf(fields map[string]json.RawMessage) (string, error) {
	var name string
	for _, key := range []string{"name", "binding_name", "instance_name"} {
		if _ = json.Unmarshal(fields[key], &name); name != "" { // text or null, as Parse has checked
			break
		}
	}
	if !namePattern.MatchString(name) || name == "." || name == ".." {
		return "", incompatible("Invalid binding name: '%s'. Name must match /%s/", printable(name), namePattern)
	}
	return name, nil
}

func (d *directory) addBinding(name, label string, fields map[string]json.RawMessage) error {
	var credentials map[string]json.RawMessage
	if raw := fields["credentials"]; len(raw) > 0 {
		if err := json.Unmarshal(raw, &credentials); err != nil {
			return fmt.Errorf("failed to read the credentials of %s", name) // Parse has decoded them
		}
	}
	known := maps.Clone(fields)
	delete(known, "credentials")
	known["name"] = quoted(name)
	if stated, ok := known["label"]; !ok || string(stated) == "null" {
		known["label"] = quoted(label)
	}
	last := map[string]json.RawMessage{"type": known["label"], "provider": known["label"]}
	for _, values := range []map[string]json.RawMessage{credentials, known, last} {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if err := d.add(name, key, values[key]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *directory) add(name, key string, value json.RawMessage) error {
	if !keyPattern.MatchString(key) || key == "." || key == ".." {
		return incompatible("Invalid file name: %s", printable(key))
	}
	content := written(value)
	switch string(content) {
	case "null", "[]", "{}":
		return nil
	}
	if content[0] == '"' {
		var text string
		if err := json.Unmarshal(content, &text); err != nil {
			return fmt.Errorf("failed to read %s of %s", key, name) // Parse has decoded it
		}
		content = []byte(text)
	}
	path := name + "/" + key
	d.files[path] = content
	d.bytes += len(path) + len(content)
	return nil
}

func checkSize(size int) error {
	if size > MaxBytes {
		return incompatible("Bindings exceed the maximum allowed bytesize of %d: %d", MaxBytes, size)
	}
	return nil
}

func quoted(text string) json.RawMessage {
	raw, err := json.Marshal(text)
	if err != nil {
		return json.RawMessage("null") // marshaling a string cannot fail
	}
	return raw
}

// printable returns a name without characters that would break a line.
func printable(name string) string {
	quoted := strconv.Quote(name)
	return quoted[1 : len(quoted)-1]
}
