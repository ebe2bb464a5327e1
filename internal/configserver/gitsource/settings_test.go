package gitsource_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/gitsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
)

func testSettings(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	read := func(variables map[string]string, bound ...bindings.Binding) (*gitsource.Settings, error) {
		return gitsource.FromEnvironment(func(name string) string { return variables[name] }, bound)
	}
	service := func(name string, credentials map[string]any) bindings.Binding {
		return bindings.Binding{Name: name, Label: "user-provided", Credentials: credentials}
	}

	it("returns nil if no setting names a repository", func() {
		Expect(read(map[string]string{"CONFIG_SERVER_GIT_LABEL": "v1"}, service("config-server", map[string]any{"uri": "https://spring"}), service("db", map[string]any{"git_uri": "x"}))).To(BeNil())
	})

	it("reads variables", func() {
		Expect(read(map[string]string{
			"CONFIG_SERVER_GIT_URI": "https://git.example/team/config.git/", "CONFIG_SERVER_GIT_LABEL": "v1", "CONFIG_SERVER_GIT_PATH": "a,  b/{profile} ,",
			"CONFIG_SERVER_GIT_USERNAME": "u", "CONFIG_SERVER_GIT_PASSWORD": "p", "CF_SYSTEM_CERT_PATH": "/certs", "VCAP_APPLICATION": "{}",
		})).To(Equal(&gitsource.Settings{
			URI: "https://git.example/team/config.git", Label: "v1", Paths: []string{"a", "b/{profile}"}, Username: "u", Password: "p",
			Certificates: "/certs", CloudPlatform: "CLOUD_FOUNDRY",
		}))
	})

	it("prefers a bound service, and reads variables for what it lacks", func() {
		Expect(read(map[string]string{"CONFIG_SERVER_GIT_URI": "https://other", "CONFIG_SERVER_GIT_LABEL": "v1", "CONFIG_SERVER_GIT_PATH": "x"},
			service("config-server", map[string]any{"git_uri": "https://git.example/x", "git_token": "t", "git_path": "y"}))).To(Equal(&gitsource.Settings{
			URI: "https://git.example/x", Label: "v1", Paths: []string{"y"}, Username: "x-access-token", Password: "t",
		}))
		tagged := service("mine", map[string]any{"git_uri": "/srv/config"})
		tagged.Tags = []string{"config-server"}
		Expect(read(nil, tagged)).To(HaveField("URI", "/srv/config"))
	})

	it("reads credentials from the address, and removes them from it", func() {
		Expect(read(map[string]string{"CONFIG_SERVER_GIT_URI": "https://u:p%40ss@git.example/x"})).To(Equal(&gitsource.Settings{URI: "https://git.example/x", Username: "u", Password: "p@ss"}))
		Expect(read(map[string]string{"CONFIG_SERVER_GIT_URI": "https://u:p@git.example/x", "CONFIG_SERVER_GIT_USERNAME": "v", "CONFIG_SERVER_GIT_TOKEN": "t"})).To(Equal(&gitsource.Settings{URI: "https://git.example/x", Username: "v", Password: "t"}))
	})

	it("treats localhost in a file's address as this machine", func() {
		Expect(read(map[string]string{"CONFIG_SERVER_GIT_URI": "file://localhost/srv/config"})).To(HaveField("URI", "file:///srv/config"))
	})

	context("failure cases", func() {
		for path, message := range testtable.Sorted(map[string]string{
			"a,[":      "has a bracket or a backslash; expected folders of the repository, in which only *, ** and ? are wildcards",
			"../..":    "leads out of the repository with ..; expected folders in it",
			"a/../../": "leads out of the repository with ..; expected folders in it",
		}) {
			it("refuses the path "+path, func() {
				_, err := read(map[string]string{"CONFIG_SERVER_GIT_URI": "/x", "CONFIG_SERVER_GIT_PATH": path})
				Expect(err).To(MatchError(ContainSubstring("CONFIG_SERVER_GIT_PATH (or git_path) " + message)))
			})
		}

		it("refuses a token with a line break", func() {
			_, err := read(map[string]string{"CONFIG_SERVER_GIT_URI": "https://x", "CONFIG_SERVER_GIT_TOKEN": "s3\r\ncret"})
			Expect(err).To(MatchError(ContainSubstring("this is not a valid token")))
			Expect(err).NotTo(MatchError(ContainSubstring("cret")))
		})

		for _, refused := range [][2]string{
			{"ssh://git@s3cret/x", `has the scheme "ssh", which config-server does not support; expected https://HOST/PATH, file:///PATH or an absolute path`},
			{"git@github.com:s3cret/x", "is an address for ssh, such as git@HOST:PATH, which config-server does not support; expected https://HOST/PATH"},
			{"s3cret", "is a relative path or another text without a scheme (not shown, it may hold secrets); expected https://HOST/PATH, file:///PATH or an absolute path"},
			{"5", "is a relative path or another text without a scheme"},
			{"s3cret://x", "has a scheme that config-server does not support (not shown, it may hold secrets)"},
			{"https://", `has the scheme "https" and no host; expected https://HOST/PATH`},
			{"https://x:99999/", "has an invalid port; expected one from 1 to 65535, or none"},
			{"https://x/y?token=s3cret", "has a query or a fragment (not shown, it may hold secrets)"},
			{"http://u:s3cret@git.example/", "uses http, which would send the credentials unencrypted; expected https"},
			{"file://s3cret/x", `has the scheme "file" and the host of another machine`},
			{"https://u:s3cret@%zz/", "is not an address that can be read (it is not shown"},
		} {
			address, message := refused[0], refused[1]
			it("refuses "+address+" without showing it", func() {
				_, err := read(map[string]string{"CONFIG_SERVER_GIT_URI": address})
				Expect(err).To(MatchError(ContainSubstring(message)))
				Expect(err).NotTo(MatchError(ContainSubstring("s3cret")))
			})
		}

		it("refuses two services", func() {
			_, err := read(nil, service("config-server", map[string]any{"git_uri": "/a"}), bindings.Binding{Name: "other", Tags: []string{"config-server"}, Credentials: map[string]any{"git_uri": "/b"}})
			Expect(err).To(MatchError(`found the services "config-server" and "other"; expected one of them to be bound`))
		})
	})
}
