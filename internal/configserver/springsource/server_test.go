package springsource_test

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springsource"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/springtest"
)

// testServer asks the real Spring Cloud Config Server.
func testServer(t *testing.T, group spec.G, it spec.S) {
	var (
		Expect     = NewWithT(t).Expect
		Eventually = NewWithT(t).Eventually
		repository springtest.Repository
		settings   springsource.Settings
		asked      = environment.Request{Application: "app", Profiles: []string{"cloud"}}
	)

	it.Before(func() {
		repository = springtest.NewRepository(t)
		repository.Commit(map[string]string{"app.yml": "a: first\nn: 1\nlist: [x, {y: z}]\n", "app-cloud.yml": "b: true\n"})
		settings = springsource.Settings{}
	})
	at := func(server *springtest.Server) {
		address, err := url.Parse(server.URL)
		Expect(err).NotTo(HaveOccurred())
		settings.Addresses = []*url.URL{address}
	}
	fetch := func(source *springsource.Source, previous string) (environment.Environment, string, error) {
		found, version, err := source.Fetch(t.Context(), asked, previous)
		if err != nil {
			Expect(err).NotTo(MatchError(ContainSubstring(secret)))
		}
		return found, version, err
	}
	open := func() *springsource.Source {
		source, err := springsource.New(settings, springsource.Options{})
		Expect(err).NotTo(HaveOccurred())
		return source
	}

	it("issues tokens for client credentials, which a restarted server no longer accepts", func() {
		options := springtest.Options{Repository: repository.Directory, Clients: map[string]string{"id": secret}}
		server := springtest.Start(t, options)
		at(server)
		settings.TokenEndpoint, settings.ClientID, settings.ClientSecret = server.TokenURL, "id", secret
		source := open()
		found, version, err := fetch(source, "")
		Expect(err).NotTo(HaveOccurred(), server.Log())
		Expect(found.PropertySources).To(HaveLen(2))
		Expect(found.PropertySources[0].Source).To(Equal(map[string]any{"b": true}))
		Expect(found.PropertySources[1].Source).To(And(HaveKeyWithValue("a", "first"), HaveKeyWithValue("list[1].y", "z")))
		Expect(*found.Version).To(Equal(repository.Git("rev-parse", "HEAD")))

		_, _, err = fetch(source, version)
		Expect(err).To(MatchError(environment.ErrUnchanged))

		server.Stop()
		_, _, err = fetch(source, version)
		Expect(err).To(MatchError(HaveSuffix("connection refused")))
		commit := repository.Commit(map[string]string{"app.yml": "a: second\n"})
		options.Port = server.Port
		server = springtest.Start(t, options) // with another key: it does not accept earlier tokens
		Eventually(func() (string, error) {
			found, _, err := fetch(source, version)
			if err != nil {
				return "", err
			}
			return *found.Version, nil
		}, time.Minute).Should(Equal(commit), server.Log())

		settings.ClientSecret = "wrong"
		_, _, err = fetch(open(), "")
		Expect(err).To(MatchError(environment.ErrUnauthorized))
		Expect(err).To(MatchError(ContainSubstring("401 Unauthorized, invalid_client")))
	})

	it("finds labels with a slash, and says that others do not exist", func() {
		repository.Git("checkout", "--quiet", "-b", "release/1")
		repository.Commit(map[string]string{"app.yml": "a: released\n"})
		repository.Git("checkout", "--quiet", "main")
		server := springtest.Start(t, springtest.Options{Repository: repository.Directory, Username: "user", Password: secret})
		at(server)
		settings.Username, settings.Password = "user", secret
		source := open()
		asked.Label = "release/1"
		found, _, err := fetch(source, "")
		Expect(err).NotTo(HaveOccurred(), server.Log())
		Expect(found.PropertySources[1].Source).To(Equal(map[string]any{"a": "released"}))
		asked.Label = "none"
		_, _, err = fetch(source, "")
		var notFound *environment.NotFoundError
		Expect(errors.As(err, &notFound)).To(BeTrue())

		settings.Password = "wrong"
		_, _, err = fetch(open(), "")
		Expect(err).To(MatchError(environment.ErrUnauthorized))
	})

	it("identifies clients by their certificate, which rotates", func() {
		authority, directory := springtest.NewAuthority(t), t.TempDir()
		certificate, key := authority.Issue(directory, "server")
		server := springtest.Start(t, springtest.Options{Repository: repository.Directory,
			TLS: &springtest.TLS{Certificate: certificate, Key: key, ClientCA: authority.File}})
		at(server)
		settings.AuthorityDirectory = filepath.Dir(authority.File)
		_, _, err := fetch(open(), "")
		Expect(err).To(HaveOccurred())

		settings.Certificate, settings.Key = authority.Issue(directory, "client")
		source := open()
		_, version, err := fetch(source, "")
		Expect(err).NotTo(HaveOccurred(), server.Log())
		old, err := os.ReadFile(settings.Certificate)
		Expect(err).NotTo(HaveOccurred())
		authority.Issue(directory, "client")
		Expect(os.ReadFile(settings.Certificate)).NotTo(Equal(old))
		_, _, err = fetch(source, version)
		Expect(err).To(MatchError(environment.ErrUnchanged))
	})
}
