package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// stagingResult returns the staging result of the droplet.
func (p *controllerPush) stagingResult() string {
	sidecars := []map[string]any{}
	for _, s := range p.Sidecars {
		sidecar := map[string]any{"name": s.Name, "command": s.Command, "process_types": s.ProcessTypes}
		if s.Memory != nil {
			sidecar["memory"] = *s.Memory
		}
		sidecars = append(sidecars, sidecar)
	}
	return inYAML(map[string]any{"process_types": p.Processes, "sidecars": sidecars})
}

// sidecarsFile returns a sidecars.yml from which this buildpack makes the droplet, if it can: it
// refuses what Cloud Controller would fail on.
func (p *controllerPush) sidecarsFile() (content string, ok bool) {
	types := slices.Concat(slices.Collect(maps.Keys(p.Processes)), []string{launch.WebProcess})
	var names []string
	for _, s := range p.Sidecars {
		types, names = append(types, s.ProcessTypes...), append(names, s.Name)
		if len(s.ProcessTypes) == 0 || s.Memory != nil && *s.Memory <= 0 {
			return "", false
		}
		content += fmt.Sprintf("- {name: %s, command: %s, process_types: %s", inYAML(s.Name), inYAML(s.Command), inYAML(s.ProcessTypes))
		if s.Memory != nil {
			content += fmt.Sprintf(", memory: %d", *s.Memory)
		}
		content += "}\n"
	}
	if content == "" {
		content = "[]\n"
	}
	taken := slices.ContainsFunc(names, func(name string) bool { return slices.Contains(types, name) })
	return content, !taken && len(distinct(names)) == len(names)
}

// inYAML writes a value as JSON, which is also YAML.
func inYAML(value any) string {
	content, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(content)
}
