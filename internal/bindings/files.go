package bindings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// An IncompatibleError is why Cloud Controller does not hand the bindings on in files, in its own
// words.
type IncompatibleError struct{ Reason string }

func (e *IncompatibleError) Error() string { return e.Reason }

func incompatible(format string, args ...any) error {
	return &IncompatibleError{fmt.Sprintf(format, args...)}
}

// fileName is that of the file with the JSON, as Cloud Controller counts it for the limit.
const fileName = "vcap_services"

// File is the content of the file that VCAP_SERVICES_FILE_PATH names, from the JSON of
// VCAP_SERVICES. Where Cloud
// Controller would refuse the bindings, the error is an *IncompatibleError.
func File(services []byte) ([]byte, error) {
	if _, err := Parse(services); err != nil {
		return nil, err
	}
	content := compact(services)
	return content, checkSize(len(fileName) + len(content))
}

// Directory is what the directory of SERVICE_BINDING_ROOT has in it, from the JSON of
// VCAP_SERVICES: for each NAME/KEY the content of that file. As Cloud Controller does, it writes
// the credentials first and then, over them, what else the platform knows of a binding, its type
// and its provider, of which both are the label (service_binding_files_builder.rb). Null and what
// is empty is left out. A reference to CredHub is a file like the others: nothing resolves it here
// (CF-42). Where Cloud
// Controller would refuse the bindings, the error is an *IncompatibleError.
func Directory(services []byte) (map[string][]byte, error) {
	if _, err := Parse(services); err != nil {
		return nil, err
	}
	var labels map[string]json.RawMessage // the last one where a label comes twice, as in Parse
	if err := json.Unmarshal(services, &labels); err != nil {
		return nil, errors.New("failed to read the labels") // Parse has read them
	}
	d := directory{files: map[string][]byte{}}
	names := map[string]bool{}
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		var list []map[string]json.RawMessage
		if err := json.Unmarshal(labels[label], &list); err != nil {
			return nil, errors.New("failed to read the bindings of a label") // Parse has read them
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

// A directory is being filled. A file that is overwritten counts twice, as in Cloud Controller.
type directory struct {
	files map[string][]byte
	bytes int
}

var (
	namePattern = regexp.MustCompile(`^[a-z0-9\-.]{1,253}$`)
	keyPattern  = regexp.MustCompile(`^[a-z0-9\-._]{1,253}$`)
)

// nameOf is the binding's name, which is that of its directory. That two dots match the pattern
// is left to Cloud Controller: they lead out.
func (d *directory) nameOf(fields map[string]json.RawMessage) (string, error) {
	var name string
	for _, key := range []string{"name", "binding_name", "instance_name"} {
		if _ = json.Unmarshal(fields[key], &name); name != "" { // text or null, as Parse has seen
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
			return fmt.Errorf("failed to read the credentials of %s", name) // Parse has read them
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
	content := compact(value)
	switch string(content) {
	case "null", "[]", "{}":
		return nil
	}
	if content[0] == '"' {
		var text string
		if err := json.Unmarshal(content, &text); err != nil {
			return fmt.Errorf("failed to read %s of %s", key, name) // Parse has read it
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

// compact is JSON without the white space between its parts.
func compact(valid []byte) []byte {
	var written bytes.Buffer
	if err := json.Compact(&written, valid); err != nil {
		return valid // it is valid
	}
	return written.Bytes()
}

func quoted(text string) json.RawMessage {
	raw, err := json.Marshal(text)
	if err != nil {
		return json.RawMessage("null") // text can always be written
	}
	return raw
}

// printable is a name without what would break a line.
func printable(name string) string {
	quoted := strconv.Quote(name)
	return quoted[1 : len(quoted)-1]
}
