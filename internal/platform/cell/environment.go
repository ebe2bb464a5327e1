package cell

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// minimumStagingMemory is the minimum memory of a staging container (CF-13).
const minimumStagingMemory = 1024 * memory.Size(1)

// fileDescriptors and diskQuota are the platform's defaults, as VCAP_APPLICATION
// states them.
const (
	fileDescriptors = 16384
	diskQuota       = 1024
)

// handedOn are the variables of this program's environment that buildpacks get, too: those that a
// machine needs for its network and its build tools. In a container, the operator sets them.
var handedOn = []string{
	"PATH", "HOME", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "GOPROXY", "GOFLAGS", "GONOSUMDB", "GONOSUMCHECK", "GOSUMDB", "GOPRIVATE", "GOPATH", "GOCACHE", "GOMODCACHE", "GOTOOLCHAIN", "JAVA_HOME",
}

// handedOnToApps are those that the app and its sidecars get.
var handedOnToApps = []string{"PATH"}

// StagingEnvironment returns the environment of buildpacks (CF-13).
func (c *Cell) StagingEnvironment(app push.Application, tmp, guid string, m *Mounts) []string {
	limit := minimumStagingMemory
	for _, process := range app.Launch.Processes {
		if process.Type == launch.WebProcess {
			limit = max(limit, process.Memory)
		}
	}
	return c.inherit(handedOn...).
		add(map[string]string{"LANG": "C.UTF-8", "USER": "vcap"}).
		add(m.identity()).
		add(app.Environment).
		add(map[string]string{
			"CF_INSTANCE_GUID": guid,
			"CF_STACK":         app.Stack,
			"TMPDIR":           tmp,
			"MEMORY_LIMIT":     limit.EnvString(),
			"VCAP_APPLICATION": encode(vcapApplication(app, limit)),
		}).
		add(m.variables()).list()
}

// A ProcessEnv selects a process: the app's own or a sidecar. Their environments differ only in
// memory (CF-22, CF-23, CF-25).
type ProcessEnv struct {
	App         push.Application
	ProcessType string
	Limit       memory.Size
	Port        int
	GUID        string
	Index       int
	Mounts      *Mounts
}

// RunningEnvironment returns the environment that the launcher gets, and to which it adds its own
// variables (CF-14). It replaces the developer's MEMORY_LIMIT (CF-24).
func (c *Cell) RunningEnvironment(s ProcessEnv) []string {
	port := strconv.Itoa(s.Port)
	index := strconv.Itoa(s.Index)
	application := vcapApplication(s.App, s.Limit)
	application["process_type"] = s.ProcessType
	application["process_id"] = application["application_id"]
	return c.inherit(handedOnToApps...).
		add(map[string]string{
			"LANG": "en_US.UTF-8", "USER": "vcap",
			"PORT": port, "VCAP_APP_PORT": port, "VCAP_APP_HOST": "0.0.0.0",
		}).
		add(s.Mounts.identity()).
		add(s.App.Environment).
		add(map[string]string{
			"MEMORY_LIMIT":            s.Limit.EnvString(),
			"VCAP_APPLICATION":        encode(application),
			"INSTANCE_GUID":           s.GUID,
			"INSTANCE_INDEX":          index,
			"CF_INSTANCE_GUID":        s.GUID,
			"CF_INSTANCE_INDEX":       index,
			"CF_INSTANCE_IP":          instanceIP,
			"CF_INSTANCE_INTERNAL_IP": instanceIP,
			"CF_INSTANCE_PORT":        port,
			"CF_INSTANCE_ADDR":        instanceIP + ":" + port,
			"CF_INSTANCE_PORTS":       fmt.Sprintf(`[{"external":%s,"internal":%s}]`, port, port),
		}).
		add(s.Mounts.variables()).list()
}

// PassedToBuildpacks returns the names of the variables of this program's environment that
// buildpacks get.
func PassedToBuildpacks() []string { return slices.Clone(handedOn) }

// PassedToApps returns the names of the variables of this program's environment that apps and their
// sidecars get.
func PassedToApps() []string { return slices.Clone(handedOnToApps) }

func vcapApplication(app push.Application, limit memory.Size) map[string]any {
	guid := AppGUID(app.Name)
	uris := []string{"localhost"}
	return map[string]any{
		"cf_api":              "http://localhost",
		"limits":              map[string]int64{"fds": fileDescriptors, "mem": int64(limit), "disk": diskQuota},
		"application_name":    app.Name,
		"application_uris":    uris,
		"name":                app.Name,
		"space_name":          "local",
		"space_id":            AppGUID(spaceName),
		"organization_id":     AppGUID(organizationName),
		"organization_name":   "local",
		"uris":                uris,
		"application_id":      guid,
		"version":             guid,
		"application_version": guid,
	}
}

// encode writes a value as JSON. It cannot fail for the texts and numbers of this package.
func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}
