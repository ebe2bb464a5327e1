// Package manifest reads an app manifest as it reaches Cloud Controller (CF-50): the cf CLI reads
// it as YAML 1.1, replaces variables, converts some keys to their types, and writes everything
// again; Cloud Controller reads that with Ruby's YAML, which has more notations, and converts the
// values. The package has its own error messages, with the line in the file.
package manifest

import (
	"errors"
	"fmt"
	"strings"

	cliyaml "gopkg.in/yaml.v2" // the cf CLI's own parser

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// document has what the cf CLI keeps of a manifest (its util/manifestparser); it drops all other
// keys of the file.
type document struct {
	Applications []sentApp `yaml:"applications"`
	Version      int       `yaml:"version,omitempty"`
}

// sentApp has the app's keys that the CLI knows, each with one type; the CLI passes on all others
// unchanged. It does not send empty values.
type sentApp struct {
	Name         string         `yaml:"name"`
	DiskQuota    string         `yaml:"disk-quota,omitempty"`
	Docker       *sentDocker    `yaml:"docker,omitempty"`
	HealthCheck  sentCheck      `yaml:",inline"`
	Instances    *int           `yaml:"instances,omitempty"`
	Path         string         `yaml:"path,omitempty"`
	Processes    []sentProcess  `yaml:"processes,omitempty"`
	Memory       string         `yaml:"memory,omitempty"`
	NoRoute      bool           `yaml:"no-route,omitempty"`
	RandomRoute  bool           `yaml:"random-route,omitempty"`
	DefaultRoute bool           `yaml:"default-route,omitempty"`
	Stack        string         `yaml:"stack,omitempty"`
	LogRateLimit string         `yaml:"log-rate-limit-per-second,omitempty"`
	Lifecycle    string         `yaml:"lifecycle,omitempty"`
	Rest         map[string]any `yaml:",inline"`
}

// sentProcess has those of an item of processes.
type sentProcess struct {
	DiskQuota    string         `yaml:"disk_quota,omitempty"`
	HealthCheck  sentCheck      `yaml:",inline"`
	Instances    *int           `yaml:"instances,omitempty"`
	Memory       string         `yaml:"memory,omitempty"`
	Type         string         `yaml:"type"`
	LogRateLimit string         `yaml:"log-rate-limit-per-second,omitempty"`
	Rest         map[string]any `yaml:",inline"`
}

type sentCheck struct {
	Type     string `yaml:"health-check-type,omitempty"`
	Endpoint string `yaml:"health-check-http-endpoint,omitempty"`
	Timeout  int64  `yaml:"timeout,omitempty"`
}

type sentDocker struct {
	Image    string `yaml:"image,omitempty"`
	Username string `yaml:"username,omitempty"`
}

// send returns the manifest as the CLI writes it. The content has been read and written once
// before, with variables replaced. The error is a *yaml.TypeError of the CLI's parser, or names the
// key.
func send(content []byte) ([]byte, error) {
	var read document
	if err := cliyaml.Unmarshal(content, &read); err != nil {
		return nil, err
	}
	for i := range read.Applications {
		app := &read.Applications[i]
		if err := quota(app.Rest, "disk_quota", &app.DiskQuota); err != nil {
			return nil, err
		}
		for j := range app.Processes {
			process := &app.Processes[j]
			if err := quota(process.Rest, "disk-quota", &process.DiskQuota); err != nil {
				return nil, err
			}
		}
	}
	return cliyaml.Marshal(read)
}

// quota renames the other spelling of the disk quota to that of the cf CLI.
func quota(rest map[string]any, spelling string, into *string) error {
	value, ok := rest[spelling]
	if !ok || value == nil {
		return nil
	}
	text, ok := value.(string)
	switch {
	case *into != "":
		return quotaError("cannot define both `disk_quota` and `disk-quota`")
	case !ok:
		return quotaError(fmt.Sprintf("`%s` must be a string; found %s: give it a unit, such as 1G", spelling, strings.TrimPrefix(showKind(value), "the number ")))
	}
	*into = text
	delete(rest, spelling)
	return nil
}

// A quotaError quotes nothing but keys and numbers.
type quotaError string

func (e quotaError) Error() string { return string(e) }

// parserError returns an error of the CLI's parser without its line, which is not that of the file,
// and without quotes from the manifest.
func parserError(err error) string {
	if quota, ok := errors.AsType[quotaError](err); ok {
		return quota.Error()
	}
	problem := yamlerror.Explain(nil, err)[0]
	return fmt.Sprintf("found %s; expected %s", problem.Found, problem.Want)
}
