package manifest

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// noteChanged notes that Cloud Controller gets another value than the one in the file. advice says
// what to do about it.
func (r *reader) noteChanged(path []any, what, arrived, advice string) {
	node := r.lines.written(path...)
	if node == nil {
		return
	}
	written, whose := node.Value, ""
	if match := placeholder.FindStringSubmatch(written); match != nil {
		written, whose = r.variables[match[1]].Written, "the variable's "
		if match[0] != node.Value || written == "" {
			return // text, or not a scalar
		}
	}
	if written == arrived {
		return
	}
	if redact.Telling(what) || redact.Telling(node.Value) {
		r.note(path, "%s: %sthe value arrives as another one%s", what, whose, advice)
		return
	}
	if arrived == "" {
		arrived = "an empty text"
	}
	r.note(path, "%s: %s%s arrives as %s%s", what, whose, clip(written), clip(arrived), advice)
}

// inQuotes is the advice for a value that must be text.
const inQuotes = "; put it in quotes to keep it"

// used are the keys of an app with the same effect here as on the platform.
var used = []string{
	"name", "path", "stack", "buildpack", "buildpacks", "env", "processes", "sidecars", "docker", "lifecycle", "features", "services",
}

// usedOfProcess are those of a process.
var usedOfProcess = []string{
	"type", "command", "memory", "instances", "timeout", "log_rate_limit_per_second",
	"health_check_type", "health_check_http_endpoint", "health_check_invocation_timeout", "health_check_interval",
	"readiness_health_check_type", "readiness_health_check_http_endpoint", "readiness_health_check_invocation_timeout", "readiness_health_check_interval",
}

// platformsAlone are the keys that Cloud Controller reads and this tool does not, with the
// alternatives here.
var platformsAlone = map[string]string{
	"routes":          "here an app has the address that its log names",
	"random_route":    "here an app has the address that its log names",
	"default_route":   "here an app has the address that its log names",
	"no_route":        "here an app has an address all the same",
	"disk_quota":      "here nothing limits the disk",
	"metadata":        "here labels and annotations have no effect",
	"cnb_credentials": "here they have no effect",
	"user":            "here all processes run as the user who calls the tool",
}

// otherNames are common wrong names of keys, with the right ones.
var otherNames = map[string]string{
	"environment": "env", "health_check_timeout": "timeout", "health_check_endpoint": "health_check_http_endpoint", "start_command": "command",
}

// noteOutside notes keys outside the apps, of which the cf CLI knows only one: they probably belong
// to the apps, unless they define an anchor.
func (r *reader) noteOutside() {
	root := r.lines.root
	if root == nil || root.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key := root.Content[i].Value
		if key != "applications" && key != "version" && key != "<<" && !anchored(root.Content[i+1]) {
			r.note([]any{key}, "the cf CLI drops the key %q without a word: it is not below applications", redact.Name(key))
		}
	}
}

// anchored reports whether there is an anchor in a node.
func anchored(node *yaml.Node) bool {
	return node.Anchor != "" || slices.ContainsFunc(node.Content, anchored)
}

// leftOver notes the keys of an app that have no effect, on the platform or here.
func (r *reader) leftOver(f fields) {
	known := slices.Concat(used, usedOfProcess[1:], keysOf(platformsAlone))
	known = slices.DeleteFunc(known, func(name string) bool { return name == "user" }) // only valid in an item of processes
	for _, name := range f.names {
		if !slices.Contains(used, name) && !slices.Contains(usedOfProcess[1:], name) {
			r.noteLeftOver(f, name, known)
		}
	}
}

// leftOverOfProcess notes those of an item of processes.
func (r *reader) leftOverOfProcess(f fields, processType string) {
	known := slices.Concat(usedOfProcess, []string{"disk_quota", "user"})
	for _, name := range f.names {
		if !slices.Contains(usedOfProcess, name) && name != "health_check_timeout" {
			r.noteLeftOver(f, name, known)
		}
	}
}

func (r *reader) noteLeftOver(f fields, name string, known []string) {
	path := f.path(name)
	if instead, ok := platformsAlone[name]; ok && slices.Contains(known, name) {
		r.note(path, "the key %s is the platform's alone: %s", f.written[name], instead)
		return
	}
	meant := suggest.Name(name, slices.Concat(known, keysOf(otherNames)))
	if other, ok := otherNames[meant]; ok {
		meant = other
	}
	if meant != "" {
		meant = fmt.Sprintf("; did you mean %s?", strings.ReplaceAll(meant, "_", "-"))
	}
	r.note(path, "Cloud Controller drops the key %q without a word%s", redact.Name(f.written[name]), meant)
}

// noteReplaced notes each key of the app's own web process that an item of processes replaces.
func (r *reader) noteReplaced(f fields) {
	for _, name := range f.names {
		if !slices.Contains(usedOfProcess[1:], name) && name != "disk_quota" {
			continue
		}
		then := ""
		if name == "memory" {
			then = fmt.Sprintf(", and where that states no memory, a new app has %s", controller.DefaultMemory)
		}
		r.note(f.path(name), "the app's own %s is dropped: the item web of processes replaces it%s", f.written[name], then)
	}
}

func keysOf(table map[string]string) []string {
	keys := make([]string, 0, len(table))
	for key := range table {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
