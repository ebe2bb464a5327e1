// Package push is an app as it is pushed to the local platform: what its manifest and the
// command line say of it, and which of its files the platform gets.
package push

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/manifest"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/standin"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// BuiltinBuildpack is the name of the buildpack that comes with the platform.
const BuiltinBuildpack = "sidecar_buildpack"

// The platform's defaults for an app that says nothing.
const (
	DefaultStack = "cflinuxfs4"

	// DefaultInvocationTimeout is how long one health check may take.
	DefaultInvocationTimeout   = time.Second
	defaultStartTimeout        = 60 * time.Second
	defaultHealthCheckInterval = 30 * time.Second
)

// An Application is one app as its manifest and the command line describe it.
type Application struct {
	Name string
	// Path is the directory or the archive with the app.
	Path       string
	Stack      string
	Buildpacks []string // none: the platform detects one
	// Detected is the platform's buildpack that accepts an app for which none is named;
	// empty where that is left to the built-in one.
	Detected string
	// Strict refuses buildpacks that are not on this machine, where a stand-in would do.
	Strict bool
	// Instead are the buildpacks to take where one of these names is asked for.
	Instead map[string]standin.Choice
	// Environment is what the developer sets; the platform's own variables come
	// on top.
	Environment map[string]string
	Launch      controller.App
	// Services is the form in which bound services are handed on (CF-41).
	Services bindings.Form
	// Bound are the services that the manifest binds it to; nil where that does not say.
	Bound []manifest.Service
	// BoundServices are the services as the JSON of VCAP_SERVICES; empty means those
	// of the platform's own environment.
	BoundServices string
	// HealthChecks holds one for each process type of Launch.
	HealthChecks map[string]HealthCheck
	// ReadinessChecks are those of process types that have one. Their StartTimeout is
	// not used.
	ReadinessChecks map[string]HealthCheck
	// LogRateLimits are how many bytes a second an instance of a process type may log,
	// app and sidecars together (CF-49); a type that is not in it has no limit.
	LogRateLimits map[string]int64
	// SecretFiles are the paths of files with secrets that the command line names: of
	// --services and --env-file. Staging leaves them out of the app.
	SecretFiles []string
	// Notes are what the manifest says that the platform takes and that is most
	// likely not meant, and what has no effect here; each names its line.
	Notes []string
}

// HealthCheckType is how the platform finds out whether an instance is well.
type HealthCheckType string

// The types of a health check, as an app manifest spells them.
const (
	HealthCheckPort    HealthCheckType = "port"
	HealthCheckHTTP    HealthCheckType = "http"
	HealthCheckProcess HealthCheckType = "process"
)

// A HealthCheck is how one process type's instances are checked.
type HealthCheck struct {
	Type              HealthCheckType
	Endpoint          string        // path, for http
	StartTimeout      time.Duration // to pass once
	InvocationTimeout time.Duration // of one check
	Interval          time.Duration // between checks once it has passed
}

// HealthCheck is the check of a process type: the manifest's, or by default the
// port for web and the process alone for all others.
func (a Application) HealthCheck(processType string) HealthCheck {
	if check, ok := a.HealthChecks[processType]; ok {
		return check
	}
	return defaultHealthCheck(processType)
}

// ReadinessCheck is the readiness check of a process type, if it has one. Every type has
// a port that can be asked (cloud_controller_ng, diego/buildpack/desired_lrp_builder.rb).
func (a Application) ReadinessCheck(processType string) (HealthCheck, bool) {
	check, ok := a.ReadinessChecks[processType]
	return check, ok && check.Type != HealthCheckProcess
}

func defaultHealthCheck(processType string) HealthCheck {
	check := HealthCheck{
		Type: HealthCheckProcess, Endpoint: "/",
		StartTimeout: defaultStartTimeout, InvocationTimeout: DefaultInvocationTimeout, Interval: defaultHealthCheckInterval,
	}
	if processType == launch.WebProcess {
		check.Type = HealthCheckPort
	}
	return check
}

// Check is nil, or the reasons why the platform refuses the app whatever its
// droplet will be.
func (a Application) Check() error { return a.Refused(a.Launch.Check()) }

// Refused is what the platform says of the app where it refuses it for these reasons, and
// nil where there are none.
func (a Application) Refused(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the platform refuses to run %s: %w", a.Name, err)
}

// Process finds the app's own description of a process type, or adds one that
// states nothing.
func (a *Application) Process(processType string) *controller.AppProcess {
	for i := range a.Launch.Processes {
		if a.Launch.Processes[i].Type == processType {
			return &a.Launch.Processes[i]
		}
	}
	a.Launch.Processes = append(a.Launch.Processes, controller.AppProcess{Type: processType})
	return &a.Launch.Processes[len(a.Launch.Processes)-1]
}

// HasCommand tells whether the manifest or the command line says how the web process is
// started.
func (a Application) HasCommand() bool {
	return slices.ContainsFunc(a.Launch.Processes, func(p controller.AppProcess) bool {
		return p.Type == launch.WebProcess && p.Command != nil && *p.Command != ""
	})
}

// Substitute takes the buildpacks of Instead for those that are named or detected, and
// notes each.
func (a *Application) Substitute() {
	if _, ok := a.Instead[a.Detected]; ok {
		a.Buildpacks, a.Detected = []string{a.Detected}, "" // as if it were named
	}
	a.Buildpacks = slices.Clone(a.Buildpacks)
	for i, name := range a.Buildpacks {
		if choice, ok := a.Instead[name]; ok {
			a.Buildpacks[i] = choice.Buildpack
			a.Notes = append(a.Notes, fmt.Sprintf("%s is taken from %s (%s)", name, redact.Address(choice.Buildpack), choice.Source))
		}
	}
}

// Overrides are what the command line says over the manifest. A nil pointer
// leaves the manifest's value.
type Overrides struct {
	Path       string
	Buildpacks []string
	Stack      string
	// Environment are variables that are set besides the manifest's, or in place of them.
	Environment map[string]string
	Command     *string
	Memory      *memory.Size
	Instances   *int
}

// Override applies the command line's values; command, memory and instances are
// the web process's.
func (a *Application) Override(o Overrides) {
	if o.Path != "" {
		a.Path = o.Path
	}
	switch {
	case len(o.Buildpacks) == 0:
	case o.Buildpacks[0] == "null" || o.Buildpacks[0] == "default":
		a.Buildpacks = nil // the cf CLI's words for whichever accepts the app
	default:
		a.Buildpacks = o.Buildpacks
	}
	if o.Stack != "" {
		a.Stack = o.Stack
	}
	environment := map[string]string{}
	maps.Copy(environment, a.Environment)
	maps.Copy(environment, o.Environment)
	a.Environment = environment
	web := a.Process(launch.WebProcess)
	if o.Command != nil {
		web.Command = o.Command
	}
	if o.Memory != nil {
		web.Memory = *o.Memory
	}
	if o.Instances != nil {
		web.Instances = o.Instances
	}
}

// empty tells that nothing is overridden.
func (o Overrides) empty() bool {
	return o.Path == "" && len(o.Buildpacks) == 0 && o.Stack == "" && len(o.Environment) == 0 && o.Command == nil && o.Memory == nil && o.Instances == nil
}
