package cell

import (
	"path"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
)

// The directories of a container on Cloud Foundry.
const (
	containerHome   = "/home/vcap"
	containerMounts = "/etc"
)

// SampleEnvironment returns the environment of a process of the app's first instance in a Cloud
// Foundry container, for previews: that of RunningEnvironment, with the launcher's additions
// (CF-14).
func SampleEnvironment(app push.Application, processType string, limit memory.Size) []string {
	const port = 8080
	var c Cell
	guid := AppGUID(app.Name + " instance")
	environ := c.RunningEnvironment(ProcessEnv{App: app, ProcessType: processType, Limit: limit, Port: port, GUID: guid, Mounts: &Mounts{seen: containerMounts}})
	application := vcapApplication(app, limit)
	application["process_type"], application["process_id"] = processType, application["application_id"]
	application["host"], application["port"], application["instance_id"], application["instance_index"] = "0.0.0.0", port, guid, 0
	return append(environ,
		"VCAP_APPLICATION="+encode(application), "HOME="+path.Join(containerHome, "app"), "DEPS_DIR="+path.Join(containerHome, "deps"), "TMPDIR="+path.Join(containerHome, "tmp"))
}
