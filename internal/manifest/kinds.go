package manifest

import (
	"fmt"
	"math"
	"slices"

	cliyaml "gopkg.in/yaml.v2"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

// A kind is the type that the CLI expects for a key. The CLI's message for another type is of
// little help, so this tool checks first.
type kind struct {
	fits func(value any) bool
	want string
}

var (
	textKind    = kind{func(v any) bool { return !isList(v) && !isMapping(v) }, "text"}
	numberKind  = kind{isNumber, "a whole number, without quotes"}
	boolKind    = kind{func(v any) bool { _, ok := v.(bool); return ok }, "true or false, without quotes"}
	listKind    = kind{isList, "a list"}
	mappingKind = kind{isMapping, "a mapping"}
)

var (
	documentKinds = map[string]kind{"applications": listKind, "version": numberKind}
	appKinds      = map[string]kind{
		"name": textKind, "disk-quota": textKind, "docker": mappingKind, "health-check-type": textKind, "health-check-http-endpoint": textKind,
		"timeout": numberKind, "instances": numberKind, "path": textKind, "processes": listKind, "memory": textKind, "no-route": boolKind,
		"random-route": boolKind, "default-route": boolKind, "stack": textKind, "log-rate-limit-per-second": textKind, "lifecycle": textKind,
	}
	processKinds = map[string]kind{
		"disk_quota": textKind, "health-check-type": textKind, "health-check-http-endpoint": textKind, "timeout": numberKind,
		"instances": numberKind, "memory": textKind, "type": textKind, "log-rate-limit-per-second": textKind,
	}
)

func isList(value any) bool    { _, ok := value.([]any); return ok }
func isMapping(value any) bool { _, ok := value.(map[any]any); return ok }

// isNumber reports whether the CLI converts a value to a whole number, even by cutting off a
// fraction.
func isNumber(value any) bool {
	switch v := value.(type) {
	case int, int64:
		return true
	case uint64:
		return v <= math.MaxInt64
	case float64:
		return v <= math.MaxInt64 && v >= math.MinInt64
	default:
		return false
	}
}

// checkKinds refuses all values whose type the CLI does not accept. content has its variables
// replaced.
func checkKinds(content []byte, l lines) error {
	var root any
	if err := cliyaml.Unmarshal(content, &root); err != nil {
		return yamlerror.Wrap(l.source, content, err)
	}
	c := kindCheck{lines: l}
	document, ok := root.(map[any]any)
	if !ok && root != nil {
		c.refuse(nil, "manifest", root, mappingKind.want)
		return c.problems.err()
	}
	c.mapping(nil, document, documentKinds)
	list, _ := document["applications"].([]any)
	if len(list) == 0 && len(c.problems) == 0 {
		return fmt.Errorf("%s: found no applications; expected the key applications with a list below it", l.source)
	}
	if version, ok := document["version"]; ok && version != nil && !oneOrNone(version) {
		c.problems.add(Problem{At: l.at("version"), Message: "Unsupported manifest schema version. Currently supported versions: [1]."})
	}
	for i, item := range list {
		app := c.item([]any{"applications", i}, item, appKinds)
		processes, _ := app["processes"].([]any)
		for j, item := range processes {
			c.item([]any{"applications", i, "processes", j}, item, processKinds)
		}
	}
	return c.problems.err()
}

// oneOrNone reports whether the CLI accepts a version; it cuts off a fraction.
func oneOrNone(version any) bool {
	if fraction, ok := version.(float64); ok {
		version = int(fraction)
	}
	return version == 1 || version == 0
}

type kindCheck struct {
	lines    lines
	problems problems
}

func (c *kindCheck) refuse(path []any, what string, found any, want string) {
	c.problems.add(Problem{At: c.lines.at(path...), Message: what + ": the cf CLI cannot read the manifest", Found: showKind(found), Want: want})
}

// item checks an item of a list, which may be null.
func (c *kindCheck) item(path []any, item any, kinds map[string]kind) map[any]any {
	mapping, ok := item.(map[any]any)
	if !ok && item != nil {
		c.refuse(path, fmt.Sprint(path[len(path)-2]), item, mappingKind.want)
	}
	c.mapping(path, mapping, kinds)
	return mapping
}

func (c *kindCheck) mapping(path []any, mapping map[any]any, kinds map[string]kind) {
	for _, key := range sortedKeys(kinds) {
		value := mapping[key]
		if value != nil && !kinds[key].fits(value) {
			c.refuse(append(slices.Clone(path), key), key, value, kinds[key].want)
		}
	}
}

func sortedKeys(kinds map[string]kind) []string {
	keys := make([]string, 0, len(kinds))
	for key := range kinds {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// showKind is show for a value of the CLI's parser.
func showKind(value any) string {
	switch v := value.(type) {
	case map[any]any:
		return show(object{})
	case string, bool, []any:
		return show(v)
	default:
		return fmt.Sprintf("the number %v", v)
	}
}
