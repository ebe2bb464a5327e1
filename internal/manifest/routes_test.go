package manifest

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// testPlatformKeys is about what Cloud Controller refuses of the keys that have no
// effect here.
func testPlatformKeys(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for _, fine := range []string{
		"routes: [{route: app.example.com}, {route: '*.example.com/path', protocol: http2}, {route: 'tcp.example.com:1024', protocol: tcp}]",
		"routes: [{route: 'https://app.example.com/a?b'}, {route: HTTP://app.example.com, options: {loadbalancing: round-robin}}]",
		"routes: []", "services: []",
		"services: [db, {name: queue, parameters: {size: 1}, binding_name: q}]",
		"metadata:", "metadata: {labels: {env: test, example.com/team: a-b.c_d, version: 1.50, empty: }}",
		"metadata: {annotations: {note: 'any text: at all', count: 5, empty: }}",
		"no-route: true", "random-route: true",
	} {
		it("takes "+fine, func() {
			Expect(oneApp(t, "applications:\n- name: app\n  "+fine+"\n").Name).To(Equal("app"))
		})
	}

	const wantRoute = "; expected a host with its domain, such as app.example.com/path, with a port for a TCP route alone"
	for _, broken := range []struct{ content, message string }{
		{"routes: [app.example.com]", `Routes must be a list of route objects; found "app.example.com" in it; expected a list, each item starting with - route:`},
		{"routes: [{path: /}]", "Routes must be a list of route objects; found one without the key route; expected a list, each item starting with - route:"},
		{"routes:", "Routes must be a list of route objects; found nothing; expected a list, each item starting with - route:"},
		{"routes: app.example.com", `Routes must be a list of route objects; found "app.example.com"; expected a list, each item starting with - route:`},
		{"routes: [{route: app}]", "The route 'app' is not a properly formed URL" + wantRoute},
		{"routes: [{route: .com}]", "The route '.com' is not a properly formed URL" + wantRoute},
		{"routes: [{route: 'localhost:80'}]", "The route 'localhost:80' is not a properly formed URL" + wantRoute},
		{"routes: [{route: 'http://app.example.com:80'}]", "The route 'http://app.example.com:80' is not a properly formed URL" + wantRoute},
		{"routes: [{route: ftp://app.example.com}]", "The route 'ftp://app.example.com' is not a properly formed URL" + wantRoute},
		{"routes: [{route: 5}]", "Can't convert Integer into String (the user sees a server error instead); found the number 5; expected text, such as app.example.com"},
		{"routes: [{route: a.b, protocol: http3}]", `Route protocol must be 'http1', 'http2' or 'tcp'; found "http3"`},
		{"routes: [{route: a.b, options: }]", "Route 'a.b': options must be an object; found nothing; expected a mapping such as {loadbalancing: round-robin}"},
		{"{random-route: true, default-route: true}", "Random-route and default-route may not be used together; expected one of them"},
		{"random_route: perhaps", `Random-route must be a boolean; found "perhaps"; expected true or false, without quotes`},
		{"services: db", `Services must be a list of service instances; found "db"; expected a list of names, or of mappings with the keys name, parameters and binding_name alone`},
		{"services: [5]", "Services must be a list of service instances; found a list; expected a list of names, or of mappings with the keys name, parameters and binding_name alone"},
		{"services: [{nmae: db}]", "Services must be a list of service instances; found a list; expected a list of names, or of mappings with the keys name, parameters and binding_name alone"},
		{"services: [{name: db, parameters: x}]", "Services must be a list of service instances; found a list; expected a list of names, or of mappings with the keys name, parameters and binding_name alone"},
		{"metadata: text", `Metadata must be an object; found "text"; expected a mapping with the keys labels and annotations`},
		{"metadata: {label: {}, b: c}", "Metadata has unexpected field(s): 'b' 'label'; expected the keys labels and annotations alone"},
		{"metadata: {labels: [a]}", "Metadata 'labels' is not an object; found a list; expected a mapping of names to values"},
		{"metadata: {labels: {a b: c}}", "Metadata label key error: 'a b' contains invalid characters"},
		{"metadata: {labels: {-a: c}}", "Metadata label key error: '-a' starts or ends with invalid characters"},
		{"metadata: {labels: {a/b/c: d}}", "Metadata label key error: key has more than one '/'"},
		{"metadata: {labels: {a/b: d}}", "Metadata label key error: prefix 'a' must be in valid dns format"},
		{"metadata: {labels: {cloudfoundry.org/b: d}}", "Metadata label key error: prefix 'cloudfoundry.org' is reserved"},
		{"metadata: {labels: {a: b c}}", "Metadata label value error: 'b c' contains invalid characters"},
		{"metadata: {annotations: {a b: c}}", "Metadata annotation key error: 'a b' contains invalid characters"},
		{"metadata: {annotations: {released: true}}",
			"undefined method `size' for true (the user sees a server error instead); found the boolean true; expected text, which here needs quotes"},
		{"processes: [{type: web, user: 5}]", `Process "web": User must be a string; found the number 5; expected text, which here needs quotes`},
		{"processes: [{type: web, user: ''}]", `Process "web": User must be between 1 and 255 characters; found 0 characters; expected a name, or no key user`},
	} {
		it("refuses "+broken.content+" in Cloud Controller's words", func() {
			content := "applications:\n- name: app\n  " + broken.content + "\n"
			if broken.content[0] == '{' {
				content = "applications:\n- name: app\n  <<: " + broken.content + "\n"
			}
			_, err := parseManifest(t, content)
			Expect(err).To(MatchError("manifest.yml:3: " + broken.message))
		})
	}
}
