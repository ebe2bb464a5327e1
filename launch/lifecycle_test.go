package launch_test

import (
	"code.cloudfoundry.org/buildpackapplifecycle/buildpackrunner/resources"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// toLifecycle and fromLifecycle translate to the lifecycle's own type and back.
func toLifecycle(processes []launch.Process) []resources.Process {
	var all []resources.Process
	for _, p := range processes {
		one := resources.Process{Type: p.Type, Command: p.Command}
		one.Limits.Memory = p.Memory
		one.Platforms.Cloudfoundry.SidecarFor = p.SidecarFor
		all = append(all, one)
	}
	return all
}

func fromLifecycle(processes []resources.Process) []launch.Process {
	var all []launch.Process
	for _, p := range processes {
		all = append(all, launch.Process{
			Type: p.Type, Command: p.Command, Memory: p.Limits.Memory, SidecarFor: p.Platforms.Cloudfoundry.SidecarFor,
		})
	}
	return all
}
