package manifest

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// platformKeys checks the keys that have no effect here as Cloud Controller does: routes, metadata
// (cloud_controller_ng, app/messages/manifest_routes_update_message.rb,
// validators/metadata_validator.rb).
func (r *reader) platformKeys(f fields) {
	r.routeFlags(f)
	r.routes(f)
	r.metadata(f)
}

// routeFlags are keys that the CLI reads as booleans if they are spelled with hyphens, the only
// spelling that it knows.
func (r *reader) routeFlags(f fields) {
	set := map[string]bool{}
	for _, key := range []string{"no_route", "random_route", "default_route"} {
		value, _ := f.get(key)
		on, isBool := value.(bool)
		if value != nil && !isBool {
			label := strings.ReplaceAll(key, "_", "-")
			r.refuse(f.path(key), strings.ToUpper(label[:1])+label[1:]+" must be a boolean", show(value), "true or false, without quotes")
		}
		set[key] = on || value != nil && !isBool
	}
	if set["random_route"] && set["default_route"] {
		r.refuse(f.path("random_route"), "Random-route and default-route may not be used together", "", "one of them")
	}
}

func (r *reader) routes(f fields) {
	value, ok := f.get("routes")
	if !ok {
		return
	}
	list, isList := value.([]any)
	noRoute := func(item any) bool {
		mapping, _ := item.(object)
		route, _ := mapping.get("route")
		return blank(route)
	}
	if !isList || slices.ContainsFunc(list, noRoute) {
		r.refuse(f.path("routes"), "Routes must be a list of route objects", showRoutes(value), "a list, each item starting with - route:")
		return
	}
	for i, item := range list {
		r.route(f.path("routes", i), item.(object))
	}
}

// showRoutes describes the value, or the part of it that is not a route.
func showRoutes(value any) string {
	list, _ := value.([]any)
	for _, item := range list {
		if _, isMapping := item.(object); !isMapping {
			return show(item) + " in it"
		}
	}
	if len(list) > 0 {
		return "one without the key route"
	}
	return show(value)
}

func (r *reader) route(path []any, mapping object) {
	value, _ := mapping.get("route")
	at := func(key string) []any { return append(slices.Clone(path), key) }
	route, isText := value.(string)
	if !isText {
		r.fail(at("route"), fmt.Sprintf("Can't convert %s into String.", class(value)), value, "text, such as app.example.com")
		return
	}
	if !wellFormedRoute(route) {
		r.refuse(at("route"), fmt.Sprintf("The route '%s' is not a properly formed URL", route), "", "a host with its domain, such as app.example.com/path, with a port for a TCP route alone")
	}
	if protocol, _ := mapping.get("protocol"); protocol != nil && !slices.Contains([]any{"http1", "http2", "tcp"}, protocol) {
		r.refuse(at("protocol"), "Route protocol must be 'http1', 'http2' or 'tcp'.", show(protocol), "")
	}
	if options, ok := mapping.get("options"); ok {
		if _, isMapping := options.(object); !isMapping {
			r.refuse(at("options"), fmt.Sprintf("Route '%s': options must be an object", route), show(options), "a mapping such as {loadbalancing: round-robin}")
		}
	}
}

// class returns the name of a value's Ruby class.
func class(value any) string {
	switch v := value.(type) {
	case nil:
		return "NilClass"
	case bool:
		return map[bool]string{true: "TrueClass", false: "FalseClass"}[v]
	case *big.Int:
		return "Integer"
	case float64:
		return "Float"
	case []any:
		return "Array"
	case object:
		return "Hash"
	default:
		return "String"
	}
}

var (
	// scheme matches the part before :// in a URL.
	scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*$`)
	// web matches the start of a URL that Cloud Controller normalizes.
	web = regexp.MustCompile(`(?i)^(https?):/+`)
)

// wellFormedRoute returns false if Cloud Controller finds no host in a route, or an invalid scheme
// (its lib/cloud_controller/app_manifest/manifest_route.rb).
func wellFormedRoute(route string) bool {
	route = web.ReplaceAllStringFunc(strings.TrimSpace(route), func(start string) string {
		return strings.ToLower(strings.TrimRight(start, "/")) + "//"
	})
	kind, rest, hasScheme := strings.Cut(route, "://")
	if !hasScheme {
		kind, rest = "unspecified", kind
	} else if !scheme.MatchString(kind) {
		return true // too unusual to be sure
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	host, port, _ := strings.Cut(authority[strings.LastIndex(authority, "@")+1:], ":")
	switch {
	case host == "", !hasScheme && (strings.LastIndex(host, ".") < 1 || strings.Contains(authority, "@")):
		return false
	case port != "":
		return kind == "tcp" || kind == "unspecified"
	default:
		return kind == "http" || kind == "https" || kind == "unspecified"
	}
}
