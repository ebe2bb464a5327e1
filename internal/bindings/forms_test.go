package bindings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
)

// services is what Cloud Controller presents of three bindings: of a managed service whose binding
// has a name, of one without, and of a user-provided service.
const services = `{
  "p.config-server": [{
    "label": "p.config-server", "provider": null, "plan": "standard", "name": "config", "tags": ["configuration", "spring-cloud"],
    "instance_guid": "11111111-1111-4111-8111-111111111111", "instance_name": "team-config",
    "binding_guid": "22222222-2222-4222-8222-222222222222", "binding_name": "config",
    "credentials": {
      "uri": "https://config.example.com", "port": 8443, "ratio": 1.50, "large": 12345678901234567890, "tls": true, "none": null,
      "empty": "", "nothing": {}, "no-hosts": [],
      "oauth": {"client": {"id": "me", "secret": "a<b>&\u00fc"}, "scopes": ["read", "write"]},
      "document": "{\"project\": \"p1\"}", "brace": "{not json",
      "a": {"x": "the shorter", "b": "hidden", "b.c": "hidden"}, "a.b": "the longest", "a.b.c": "below", "a.b.d": ["in a list"]
    },
    "syslog_drain_url": null, "volume_mounts": []
  }],
  "postgres": [{
    "label": "postgres", "provider": null, "plan": "small", "name": "db", "tags": [],
    "instance_guid": "33333333-3333-4333-8333-333333333333", "instance_name": "db",
    "binding_guid": "44444444-4444-4444-8444-444444444444", "binding_name": null,
    "credentials": {"credhub-ref": "/c/broker/service/binding/credentials"}, "syslog_drain_url": null, "volume_mounts": []
  }],
  "user-provided": [{
    "label": "user-provided", "name": "mine", "tags": ["own"],
    "instance_guid": "55555555-5555-4555-8555-555555555555", "instance_name": "mine",
    "binding_guid": "66666666-6666-4666-8666-666666666666", "binding_name": null,
    "credentials": {"plan": "b", "password": "two\nlines\n"}, "syslog_drain_url": null, "volume_mounts": []
  }]
}`

// place puts bindings below a directory as the platform does, in each form, and returns an
// environment for each.
func place(t *testing.T, services string) map[string][]string {
	t.Helper()
	g := NewWithT(t)
	root := t.TempDir()
	content, err := bindings.File([]byte(services))
	g.Expect(err).NotTo(HaveOccurred())
	file := filepath.Join(root, "vcap_services")
	g.Expect(os.WriteFile(file, content, 0o600)).To(Succeed())

	files, err := bindings.Directory([]byte(services))
	g.Expect(err).NotTo(HaveOccurred())
	directory := filepath.Join(root, "directory")
	for path, content := range files {
		path = filepath.Join(directory, path)
		g.Expect(os.MkdirAll(filepath.Dir(path), 0o700)).To(Succeed())
		g.Expect(os.WriteFile(path, content, 0o600)).To(Succeed())
	}
	return map[string][]string{
		"the environment":       {"VCAP_SERVICES=" + services},
		"file-based services":   {"VCAP_SERVICES_FILE_PATH=" + file},
		"a directory as in k8s": {"SERVICE_BINDING_ROOT=" + directory},
	}
}

func testForms(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	for _, form := range []string{"the environment", "file-based services", "a directory as in k8s"} {
		context("CF-41: in "+form, func() {
			var all []bindings.Binding

			it.Before(func() {
				var err error
				all, err = bindings.Read(place(t, services)[form])
				Expect(err).NotTo(HaveOccurred())
				Expect(all).To(HaveLen(3))
			})

			it("is one list by name, with what the platform knows of each", func() {
				for i, expected := range []bindings.Binding{
					{Name: "config", InstanceName: "team-config", Label: "p.config-server", Plan: "standard", Tags: []string{"configuration", "spring-cloud"}, Type: "p.config-server"},
					{Name: "db", InstanceName: "db", Label: "postgres", Plan: "small", Type: "postgres"},
					{Name: "mine", InstanceName: "mine", Label: "user-provided", Tags: []string{"own"}, Type: "user-provided"},
				} {
					found := all[i]
					Expect(found.TypeLost).To(Equal(form == "a directory as in k8s"))
					found.Credentials, found.Structured, found.Written, found.TypeLost = nil, nil, nil, false
					if len(found.Tags) == 0 {
						found.Tags = nil
					}
					Expect(found).To(Equal(expected))
				}
			})

			it("has the credentials, to any depth and with numbers as they were written", func() {
				for expected, path := range map[string][]string{
					"https://config.example.com": {"uri"}, "8443": {"port"}, "1.50": {"ratio"}, "12345678901234567890": {"large"}, "true": {"tls"}, "": {"empty"},
					"me": {"oauth", "client", "id"}, "a<b>&ü": {"oauth", "client", "secret"}, "write": {"oauth", "scopes", "1"},
					`["read","write"]`: {"oauth", "scopes"}, `{"project": "p1"}`: {"document"}, "p1": {"document", "project"}, "{not json": {"brace"},
				} {
					text, found := all[0].Credential(path...)
					Expect(found).To(BeTrue(), "%v", path)
					Expect(text).To(Equal(expected), "%v", path)
				}
				for _, path := range [][]string{{"none"}, {"missing"}, {"uri", "x"}, {"oauth", "scopes", "2"}, {"oauth", "scopes", "-1"}, {"oauth", "scopes", "x"}, {"brace", "x"}} {
					_, found := all[0].Credential(path...)
					Expect(found).To(BeFalse(), "%v", path)
				}
			})

			it("has the credentials at paths with a dot between the keys, the longest key first", func() {
				for path, expected := range map[string]string{
					"uri": "https://config.example.com", "port": "8443", "ratio": "1.50", "tls": "true", "empty": "", "brace": "{not json",
					"oauth.client.secret": "a<b>&ü", "oauth.scopes.1": "write", "oauth.scopes": `["read","write"]`, "document.project": "p1",
					"oauth.client": `{"id":"me","secret":"a<b>&ü"}`, "document": `{"project": "p1"}`,
					"a.b": "the longest", "a.b.c": "below", "a.x": "the shorter", "a.b.d.0": "in a list",
				} {
					text, found := all[0].Text(path)
					Expect(found).To(BeTrue(), path)
					Expect(text).To(Equal(expected), path)
				}
				for _, path := range []string{"none", "missing", "uri.x", "oauth.scopes.2", "oauth..client", "oauth.", ".uri", "", "a.b.d.00.0", "nothing.x"} {
					_, found := all[0].Value(path)
					Expect(found).To(BeFalse(), path)
				}
			})

			it("has the same text of a list or an object, however its JSON was written", func() {
				all, err := bindings.Read(place(t, `{"a": [{"name": "apm", "credentials": {"o": { "b": "caf\u00e9 \u003c\/", "a\u00e9": [1.50, "\"\\\u0001"], "": {} }, "l": ["\u00fc", "\ud83d\ude00"]}}]}`)[form])
				Expect(err).NotTo(HaveOccurred())
				for path, expected := range map[string]string{"o": `{"b":"café </","aé":[1.50,"\"\\\u0001"],"":{}}`, "l": `["ü","😀"]`, "o.b": "café </"} {
					text, found := all[0].Text(path)
					Expect(found).To(BeTrue(), path)
					Expect(text).To(Equal(expected), path)
					if key := path; !strings.Contains(key, ".") {
						text, found = all[0].Credential(key)
						Expect(found).To(BeTrue(), path)
						Expect(text).To(Equal(expected), path)
					}
				}
			})

			it("has lists and objects as such, and text that is JSON as text", func() {
				for path, expected := range map[string]any{
					"oauth.scopes": []any{"read", "write"}, "oauth.client": map[string]any{"id": "me", "secret": "a<b>&ü"}, "document": `{"project": "p1"}`,
				} {
					value, found := all[0].Value(path)
					Expect(found).To(BeTrue(), path)
					Expect(value).To(Equal(expected), path)
				}
			})

			it("keeps a user-provided service's credential called plan, as there is no plan to overwrite it", func() {
				Expect(all[2].Keys()).To(Equal([]string{"password", "plan"}))
				text, _ := all[2].Credential("password")
				Expect(text).To(Equal("two\nlines\n"))
			})

			it("CF-42: has a reference to CredHub as it is", func() {
				text, _ := all[1].Credential("credhub-ref")
				Expect(text).To(Equal("/c/broker/service/binding/credentials"))
			})
		})
	}

	it("CF-41: has nothing but credentials among them, where the platform says of a binding all that it can", func() {
		const full = `{"nfs": [{"name": "share", "label": "nfs", "provider": null, "plan": "small", "tags": ["disk"], "instance_guid": "i", "instance_name": "share",
			"binding_guid": "b", "binding_name": "share", "syslog_drain_url": "syslog-tls://drain.example.com:6514", "credentials": {"key": "value"},
			"volume_mounts": [{"container_dir": "/data", "device_type": "shared", "mode": "rw"}]}]}`
		for form, environ := range place(t, full) {
			all, err := bindings.Read(environ)
			Expect(err).NotTo(HaveOccurred())
			Expect(all[0].Keys()).To(Equal([]string{"key"}), form)
		}
		// Until September 2025 Cloud Controller wrote hyphens.
		root := t.TempDir()
		files, err := bindings.Directory([]byte(full))
		Expect(err).NotTo(HaveOccurred())
		for path, content := range files {
			path = filepath.Join(root, strings.ReplaceAll(path, "_", "-"))
			Expect(os.MkdirAll(filepath.Dir(path), 0o700)).To(Succeed())
			Expect(os.WriteFile(path, content, 0o600)).To(Succeed())
		}
		all, err := bindings.ReadDirectory(root)
		Expect(err).NotTo(HaveOccurred())
		Expect(all[0].Keys()).To(Equal([]string{"key"}))
	})

	context("CF-41: a credential called type", func() {
		const typed = `{"user-provided": [{"name": "m", "label": "user-provided", "tags": ["blue"], "credentials": {"type": "mapping", "key": "value"}}]}`

		it("says what a binding is, and is lost in a directory, where tag and name remain", func() {
			types := map[string]string{}
			for form, environ := range place(t, typed) {
				all, err := bindings.Read(environ)
				Expect(err).NotTo(HaveOccurred())
				types[form] = all[0].Type
				Expect(all[0].Is("BLUE")).To(BeTrue(), form)
				Expect(all[0].Is("m")).To(BeTrue(), form)
				Expect(all[0].Is("user-provided")).To(BeTrue(), form)
				Expect(all[0].TypeLost).To(Equal(form == "a directory as in k8s"), form)
				Expect(all[0].Is("mapping")).To(Equal(form != "a directory as in k8s"), form)
			}
			Expect(types).To(Equal(map[string]string{
				"the environment": "mapping", "file-based services": "mapping", "a directory as in k8s": "user-provided",
			}))
		})
	})
}
