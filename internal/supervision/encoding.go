package supervision

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// A file of specs begins with its version. Each further line is a key, a blank, and a value in
// double quotes, as in Go. Keys come from the tag conf. A spec begins with its name; a list has one
// line for each item, and the keys of a check begin with the check's own key. (Loading a JSON
// parser would take a supervisor longer than everything else that it does before it starts its
// command.)

// version is the version that is written; a release with new keys increments it. Older files have
// no version, and for a while had other keys; newer versions are rejected.
const version = "1"

// olderKeys maps the keys of files without a version that have been renamed.
var olderKeys = map[string]string{
	"directory":          "work-dir",
	"wait-for":           "depends-on",
	"start-timeout":      "timeout",
	"memory":             "memory-limit",
	"stop-after-main":    "stop-after-app",
	"readiness-type":     "readiness-health-check-type",
	"readiness-port":     "readiness-health-check-port",
	"readiness-path":     "readiness-health-check-http-endpoint",
	"readiness-interval": "readiness-health-check-interval",
	"readiness-timeout":  "readiness-health-check-invocation-timeout",
	"liveness-type":      "health-check-type",
	"liveness-port":      "health-check-port",
	"liveness-path":      "health-check-http-endpoint",
	"liveness-interval":  "health-check-interval",
	"liveness-timeout":   "health-check-invocation-timeout",
}

// encode returns a file with these specs.
func encode(specs []Spec) []byte {
	var file strings.Builder
	file.WriteString("version " + strconv.Quote(version) + "\n")
	for _, s := range specs {
		encodeStruct(&file, "", reflect.ValueOf(s))
	}
	return []byte(file.String())
}

// encodeStruct writes the fields of a struct that are set.
func encodeStruct(file *strings.Builder, prefix string, of reflect.Value) {
	for i := range of.NumField() {
		key, value := prefix+of.Type().Field(i).Tag.Get("conf"), of.Field(i)
		line := func(value string) { file.WriteString(key + " " + strconv.Quote(value) + "\n") }
		if isPart(value) {
			if !value.IsNil() {
				encodeStruct(file, key, value.Elem())
			}
			continue
		}
		switch value := value.Interface().(type) {
		case []Variable:
			for _, v := range value {
				line(v.Name + "=" + v.Value)
			}
		case []string:
			for _, item := range value {
				line(item)
			}
		default:
			// A spec begins with its name, and a check with its type, even if empty. A part whose
			// first field is a list has at least one item.
			if !of.Field(i).IsZero() || i == 0 {
				line(fmt.Sprint(value))
			}
		}
	}
}

// isPart reports whether a field is a pointer to a struct, whose keys begin with the field's own.
func isPart(field reflect.Value) bool {
	return field.Kind() == reflect.Pointer && field.Type().Elem().Kind() == reflect.Struct
}

// decode reads the output of encode, of this version or from before there were versions.
func decode(file string) ([]Spec, error) {
	var specs []Spec
	versioned := false
	at := 0
	for line := range strings.Lines(file) {
		at++
		key, quoted, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		value, err := strconv.Unquote(quoted)
		switch {
		case err != nil:
		case at == 1 && key == "version":
			versioned = true
			if value != version {
				return nil, &VersionError{Found: value}
			}
			continue
		case key == "name":
			specs = append(specs, Spec{})
		case len(specs) == 0:
			err = fmt.Errorf("found the key %q; expected name", key)
		}
		if newer, renamed := olderKeys[key]; renamed && !versioned {
			key = newer
		}
		if err == nil {
			err = set(reflect.ValueOf(&specs[len(specs)-1]).Elem(), key, value)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", at, err)
		}
	}
	return specs, nil
}

// A VersionError says that a file has an unknown version: a newer buildpack wrote it.
type VersionError struct{ Found string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("found version %q; expected %s: use the sidecar command of the buildpack that has staged the app, or stage it again with this one", e.Found, version)
}

// set applies one line to a struct.
func set(of reflect.Value, key, value string) (err error) {
	for i := range of.NumField() {
		name := of.Type().Field(i).Tag.Get("conf")
		if part := of.Field(i); isPart(part) {
			if rest, found := strings.CutPrefix(key, name); found {
				if part.IsNil() {
					part.Set(reflect.New(part.Type().Elem()))
				}
				return set(part.Elem(), rest, value)
			}
			continue
		}
		if name == key {
			return setField(of.Field(i).Addr().Interface(), value)
		}
	}
	return fmt.Errorf("unknown key %q", key)
}

// setField sets the field at a pointer. To a list, it appends.
func setField(field any, value string) (err error) {
	switch field := field.(type) {
	case *string:
		*field = value
	case *bool:
		*field, err = strconv.ParseBool(value)
	case *int:
		*field, err = strconv.Atoi(value)
	case *int64:
		*field, err = strconv.ParseInt(value, 10, 64)
	case *[]string:
		*field = append(*field, value)
	case *[]Variable:
		name, value, _ := strings.Cut(value, "=")
		*field = append(*field, Variable{Name: name, Value: value})
	default:
		err = fmt.Errorf("a field of the type %T cannot be read", field)
	}
	return err
}
