package render

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

// data is the dot of a template. Using a value that is unknown is an error.
type data struct {
	Name, Files string
	memory      memory.Size
	environ     []string
}

// Memory returns what is reserved for the sidecar.
func (d *data) Memory() (reservation, error) {
	if d.memory <= 0 {
		return reservation{}, &missingError{fmt.Sprintf("found no memory of the sidecar %q; expected the field memory to be stated", d.Name)}
	}
	return reservation{d.memory}, nil
}

// Index returns the number of the app's instance, from 0.
func (d *data) Index() (int, error) {
	const variable = "CF_INSTANCE_INDEX"
	index, err := strconv.Atoi(env.Get(d.environ, variable))
	if err != nil {
		return 0, &missingError{"found no number of the instance in " + variable + "; expected the platform to set it"}
	}
	return index, nil
}

// App returns the content of VCAP_APPLICATION.
func (d *data) App() (application, error) {
	const variable = "VCAP_APPLICATION"
	var fields map[string]any
	if err := json.Unmarshal([]byte(env.Get(d.environ, variable)), &fields); err != nil {
		return application{}, &missingError{"found no JSON object in " + variable + "; expected the platform to set it"}
	}
	return application{fields}, nil
}

// A reservation is a size that prints as 128M.
type reservation struct{ size memory.Size }

func (m reservation) String() string { return fmt.Sprintf("%dM", m.size) }

// Megabytes returns the size in MB of 1024 times 1024 bytes.
func (m reservation) Megabytes() int64 { return int64(m.size) }

// Bytes returns the size in bytes.
func (m reservation) Bytes() int64 { return int64(m.size) << 20 }

// An application has a method for each value of VCAP_APPLICATION that templates can use.
type application struct{ fields map[string]any }

func (a application) Name() (string, error)        { return a.text("application_name") }
func (a application) ID() (string, error)          { return a.text("application_id") }
func (a application) Version() (string, error)     { return a.text("application_version") }
func (a application) Space() (string, error)       { return a.text("space_name") }
func (a application) SpaceID() (string, error)     { return a.text("space_id") }
func (a application) Org() (string, error)         { return a.text("organization_name") }
func (a application) OrgID() (string, error)       { return a.text("organization_id") }
func (a application) ProcessType() (string, error) { return a.text("process_type") }
func (a application) ProcessID() (string, error)   { return a.text("process_id") }
func (a application) InstanceID() (string, error)  { return a.text("instance_id") }
func (a application) API() (string, error)         { return a.text("cf_api") }

// InstanceIndex returns the number of the instance, from 0.
func (a application) InstanceIndex() (int, error) {
	index, ok := a.fields["instance_index"].(float64)
	if !ok {
		return 0, missingField("instance_index")
	}
	return int(index), nil
}

// URIs returns the app's routes, if it has any.
func (a application) URIs() []string {
	var uris []string
	list, _ := a.fields["application_uris"].([]any)
	for _, item := range list {
		if uri, ok := item.(string); ok {
			uris = append(uris, uri)
		}
	}
	return uris
}

func (a application) text(key string) (string, error) {
	text, ok := a.fields[key].(string)
	if !ok {
		return "", missingField(key)
	}
	return text, nil
}

func missingField(key string) error {
	return &missingError{fmt.Sprintf("found no %q in VCAP_APPLICATION; expected the platform to state it", key)}
}

// exampleEnviron has the variables of an app's process in which the platform describes the app.
var exampleEnviron = []string{"CF_INSTANCE_INDEX=0", `VCAP_APPLICATION={"application_name": "example", "application_id": "example", "application_version": "example",
	"space_name": "example", "space_id": "example", "organization_name": "example", "organization_id": "example", "process_type": "example", "process_id": "example",
	"instance_id": "example", "instance_index": 0, "application_uris": ["example"], "cf_api": "example"}`}
