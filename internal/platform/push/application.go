// Package push describes an app as it is pushed to the local platform: its settings, from the
// manifest and the command line, and the files that the platform gets.
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

// BuiltinBuildpack is the name of the platform's embedded buildpack.
const BuiltinBuildpack = "sidecar_buildpack"

// The platform's defaults.
const (
	DefaultStack = "cflinuxfs4"

	// DefaultInvocationTimeout is the time limit of one health check.
	DefaultInvocationTimeout   = time.Second
	defaultStartTimeout        = 60 * time.Second
	defaultHealthCheckInterval = 30 * time.Second
)

// An Application is an app as its manifest and the command line describe it.
type Application struct {
	Name string
	// Path is the app's directory or archive.
	Path       string
	Stack      string
	Buildpacks []string // none: the platform detects one
	// Detected is the platform's buildpack that accepts an app that names none; empty if the
	// built-in one decides.
	Detected string
	// Strict refuses buildpacks that are not on this machine, instead of using a stand-in.
	Strict bool
	// Instead has the buildpacks to use in place of these names.
	Instead map[string]standin.Choice
	// Environment has the developer's variables. The platform adds its own, which override these.
	Environment map[string]string
	Launch      controller.App
	// Services is the form in which the app gets bound services (CF-41).
	Services bindings.Form
	// Bound are the services that the manifest binds the app to; nil if it does not say.
	Bound []manifest.Service
	// BoundServices are the services as the JSON of VCAP_SERVICES; empty for those of this
	// program's environment.
	BoundServices string
	// HealthChecks has the health check of each process type of Launch.
	HealthChecks map[string]HealthCheck
	// ReadinessChecks has the readiness checks of process types with one. Their StartTimeout is
	// unused.
	ReadinessChecks map[string]HealthCheck
	// LogRateLimits limits the log of an instance by process type, in bytes per second, app and
	// sidecars together (CF-49); other types have no limit.
	LogRateLimits map[string]int64
	// SecretFiles are the paths of files with secrets that the command line names, by --services,
	// --env-file and --vars-file. Staging leaves them out of the app.
	SecretFiles []string
	// Notes say, with the line, which settings of the manifest are valid but probably a mistake,
	// and which have no effect here.
	Notes []string
}

// HealthCheckType is how the platform checks an instance.
type HealthCheckType string

// The types of a health check, spelled as in an app manifest.
const (
	HealthCheckPort    HealthCheckType = "port"
	HealthCheckHTTP    HealthCheckType = "http"
	HealthCheckProcess HealthCheckType = "process"
)

// A HealthCheck is how the instances of a process type are checked.
type HealthCheck struct {
	Type              HealthCheckType
	Endpoint          string        // path, for http
	StartTimeout      time.Duration // until it must have passed once
	InvocationTimeout time.Duration // of one check
	Interval          time.Duration // between checks once it has passed
}

// HealthCheck returns the check of a process type: the manifest's, or by default a port check for
// web, and a process check for all others.
func (a Application) HealthCheck(processType string) HealthCheck {
	if check, ok := a.HealthChecks[processType]; ok {
		return check
	}
	return defaultHealthCheck(processType)
}

// ReadinessCheck returns the readiness check of a process type, if it has one. Every type has a
// port for it (cloud_controller_ng, diego/buildpack/desired_lrp_builder.rb).
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

// Check returns the reasons why the platform refuses the app, independent of its droplet; or nil.
func (a Application) Check() error { return a.Refused(a.Launch.Check()) }

// Refused formats reasons for a refusal as the platform's message; nil if err is nil.
func (a Application) Refused(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the platform refuses to run %s: %w", a.Name, err)
}

// Process returns the app's settings for a process type, and adds empty ones if there are none.
func (a *Application) Process(processType string) *controller.AppProcess {
	for i := range a.Launch.Processes {
		if a.Launch.Processes[i].Type == processType {
			return &a.Launch.Processes[i]
		}
	}
	a.Launch.Processes = append(a.Launch.Processes, controller.AppProcess{Type: processType})
	return &a.Launch.Processes[len(a.Launch.Processes)-1]
}

// HasCommand reports whether the manifest or the command line sets the start command of the web
// process.
func (a Application) HasCommand() bool {
	return slices.ContainsFunc(a.Launch.Processes, func(p controller.AppProcess) bool {
		return p.Type == launch.WebProcess && p.Command != nil && *p.Command != ""
	})
}

// Substitute replaces named or detected buildpacks by those of Instead, and notes each.
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

// Overrides are the command line's settings. A nil pointer keeps the manifest's value.
type Overrides struct {
	Path       string
	Buildpacks []string
	Stack      string
	// Environment has variables in addition to the manifest's, which they override.
	Environment map[string]string
	Command     *string
	Memory      *memory.Size
	Instances   *int
}

// Override applies the command line's settings; command, memory and instances are those of the web
// process.
func (a *Application) Override(o Overrides) {
	if o.Path != "" {
		a.Path = o.Path
	}
	switch {
	case len(o.Buildpacks) == 0:
	case o.Buildpacks[0] == "null" || o.Buildpacks[0] == "default":
		a.Buildpacks = nil // the cf CLI's words for detection
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

// empty reports whether nothing is overridden.
func (o Overrides) empty() bool {
	return o.Path == "" && len(o.Buildpacks) == 0 && o.Stack == "" && len(o.Environment) == 0 && o.Command == nil && o.Memory == nil && o.Instances == nil
}
