package manifest

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"unicode/utf8"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// Cloud Controller's limits: characters of a command and of a user's name, and instances.
const (
	maxCommandLength = 4096
	maxUserLength    = 255
	maxInstances     = 2_000_000
)

// A processItem is an item of processes.
type processItem struct {
	processType string
	fields      fields
}

// processes reads the app's own keys as its web process, and then processes. An item of type web
// replaces all of the app's own keys.
func (r *reader) processes(f fields) []controller.AppProcess {
	r.checkSizes(f, launch.WebProcess)
	items := r.processItems(f)
	web := slices.IndexFunc(items, func(item processItem) bool { return item.processType == launch.WebProcess })
	var all []controller.AppProcess
	if web < 0 {
		all = append(all, r.process(f, launch.WebProcess))
	} else {
		r.noteReplaced(f)
		all = append(all, r.process(items[web].fields, launch.WebProcess))
		items = slices.Delete(items, web, web+1)
	}
	for _, item := range items {
		all = append(all, r.process(item.fields, item.processType))
	}
	return all
}

// processItems returns the items of processes with a valid type.
func (r *reader) processItems(f fields) []processItem {
	value, ok := f.get("processes")
	list, isList := value.([]any)
	if ok && !isList {
		r.refuse(f.path("processes"), "Processes must be an array of process configurations", show(value), "a list, each item starting with - type:")
	}
	var items []processItem
	for i, item := range list {
		path := f.path("processes", i)
		mapping, isMapping := item.(object)
		if !isMapping {
			r.fail(path, "no implicit conversion of Symbol into Integer", item, "a mapping with the key type")
			continue
		}
		process := r.fields(path, mapping, f.written["processes"] == "processes")
		kind, _ := process.get("type")
		processType, isText := kind.(string)
		switch {
		case blank(kind):
			r.refuse(path, "All Processes must specify a type", "no type", "the key type")
		case !isText:
			r.fail(process.path("type"), sqlMismatch(kind), kind, "text, in quotes")
		case slices.ContainsFunc(items, func(item processItem) bool { return item.processType == processType }):
			r.refuse(path, fmt.Sprintf("Process %q may only be present once", processType), "", "")
		default:
			items = append(items, processItem{processType, process})
			r.noteChanged(process.path("type"), "type", processType, inQuotes)
			r.checkSizes(process, processType)
			r.leftOverOfProcess(process, processType)
		}
	}
	return items
}

// checkSizes refuses sizes that cannot be read, also those of the app's own keys that an item of
// processes replaces.
func (r *reader) checkSizes(f fields, processType string) {
	for _, size := range []struct{ key, label string }{
		{"memory", "Memory"}, {"disk_quota", "Disk quota"}, {"log_rate_limit_per_second", "Log rate limit per second"},
	} {
		value, _ := f.get(size.key)
		unlimited := size.key == "log_rate_limit_per_second" && (text(value) == "-1" || text(value) == "0")
		if blank(value) || unlimited {
			continue
		}
		if _, complaint := megabytes(value); complaint != "" {
			r.refuseOf(f, size.key, processType, size.label+" "+complaint, "a size such as 256M, without blanks")
		}
	}
}

// refuseOf refuses the value of a process's key.
func (r *reader) refuseOf(f fields, key, processType, sentence, want string) {
	r.refuse(f.path(key), fmt.Sprintf("Process %q: %s", processType, sentence), show(f.values[key]), want)
}

// process reads the settings of a process type.
func (r *reader) process(f fields, processType string) controller.AppProcess {
	process := controller.AppProcess{Type: processType}
	for _, size := range []struct{ key, label string }{{"memory", "Memory"}, {"disk_quota", "Disk quota"}} {
		value, _ := f.get(size.key)
		if blank(value) {
			continue
		}
		mb, complaint := megabytes(value)
		if complaint == "" && mb <= 0 {
			r.refuseOf(f, size.key, processType, size.label+" must be greater than 0MB", "at least 1M")
		}
		if size.key == "memory" {
			process.Memory = memory.Size(mb)
		}
	}
	process.LogRate = r.logRate(f, processType)
	process.Instances = r.number(f, "instances", "Instances", processType, 0, big.NewInt(maxInstances))
	process.Command = r.command(f, processType)
	process.Check = r.check(f, processType, "", "Health check")
	process.Check.Timeout = r.number(f, "timeout", "Timeout", processType, 1, nil)
	process.Readiness = r.check(f, processType, "readiness_", "Readiness health check")
	isItem := len(f.base) > 2
	if user, _ := f.get("user"); isItem && user != nil {
		name, isText := user.(string)
		switch length := utf8.RuneCountInString(name); {
		case !isText:
			r.refuseOf(f, "user", processType, "User must be a string", "text"+quotes(user))
		case length == 0, length > maxUserLength:
			r.refuse(f.path("user"), fmt.Sprintf("Process %q: User must be between 1 and %d characters", processType, maxUserLength), fmt.Sprintf("%d characters", length), "a name, or no key user")
		}
	}
	if _, ok := f.get("health_check_timeout"); ok && isItem {
		r.refuseOf(f, "health_check_timeout", processType, "Unknown field(s): 'health_check_timeout'", "the key timeout")
	}
	return process
}

// logRate returns nil if the manifest does not set it.
func (r *reader) logRate(f fields, processType string) *int64 {
	const key = "log_rate_limit_per_second"
	value, _ := f.get(key)
	var limit int64
	switch written := text(value); {
	case blank(value):
		return nil
	case written == "-1":
		limit = -1
	case written != "0":
		bytes, complaint := size(value)
		if complaint != "" {
			return nil // checkSizes has refused it
		}
		if bytes <= -2 || bytes >= math.MaxInt64 {
			r.refuseOf(f, key, processType, "Log rate limit must be an integer greater than or equal to -1", "a size such as 16K, or -1 for no limit")
			return nil
		}
		limit = int64(bytes)
	}
	return &limit
}

// number returns nil if the manifest does not set it.
func (r *reader) number(f fields, key, label, processType string, least int64, maximum *big.Int) *int {
	value, _ := f.get(key)
	if value == nil {
		return nil
	}
	number, complaint := between(value, least, maximum)
	if complaint != "" {
		r.refuseOf(f, key, processType, label+" "+complaint, "")
		return nil
	}
	r.noteChanged(f.path(key), f.written[key], text(value), "")
	whole := math.MaxInt
	if number.IsInt64() {
		whole = int(number.Int64())
	}
	return &whole
}

// command returns nil if the manifest does not set it, and "" for the droplet's command.
func (r *reader) command(f fields, processType string) *string {
	value, ok := f.get("command")
	if !ok {
		return nil
	}
	if value == nil || value == false {
		value = "null"
	}
	command, isText := value.(string)
	if !isText {
		r.refuseOf(f, "command", processType, "Command must be a string", "text, in quotes where it looks like another kind")
		return nil
	}
	if length := utf8.RuneCountInString(command); length == 0 || length > maxCommandLength {
		r.refuse(f.path("command"), fmt.Sprintf("Process %q: Command must be between 1 and %d characters", processType, maxCommandLength), fmt.Sprintf("%d characters", length), "a command, or no key command")
	}
	if command == "null" || command == "default" {
		command = ""
	}
	return &command
}

// check reads the health check, or the readiness check by its prefix.
func (r *reader) check(f fields, processType, prefix, label string) controller.AppCheck {
	var check controller.AppCheck
	key := func(name string) string { return prefix + "health_check_" + name }
	kind, hasKind := f.get(key("type"))
	endpoint, hasEndpoint := f.get(key("http_endpoint"))
	if kind == "none" {
		kind = string(controller.CheckProcess) // the old name
	}
	if hasKind && hasEndpoint && kind != string(controller.CheckHTTP) {
		r.refuseOf(f, key("type"), processType, label+` type must be "http" to set a health check HTTP endpoint`, "")
	}
	if hasKind {
		name, _ := kind.(string)
		check.Type = controller.CheckType(name)
		switch check.Type {
		case controller.CheckPort, controller.CheckHTTP, controller.CheckProcess:
		default:
			r.refuseOf(f, key("type"), processType, label+` type must be "port", "process", or "http"`, "")
		}
	}
	if path, isText := endpoint.(string); isText && controller.IsURIPath(path) {
		check.Endpoint = &path
	} else if endpoint != nil {
		r.refuseOf(f, key("http_endpoint"), processType, label+" http endpoint must be a valid URI path", "a path such as /health, without blanks")
	}
	check.InvocationTimeout = r.number(f, key("invocation_timeout"), label+" invocation timeout", processType, 1, nil)
	check.Interval = r.number(f, key("interval"), label+" interval", processType, 1, nil)
	return check
}
