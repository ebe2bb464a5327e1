package teamservices_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/sclevine/spec/report"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/bindings"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/teamservices"
)

func TestTeamServices(t *testing.T) {
	suite := spec.New("teamservices", spec.Report(report.Terminal{}))
	suite("Services", testServices)
	suite.Run(t)
}

func testServices(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	const file = `# the team's
services:
  my-db:
    label: postgres
    plan: small
    tags: [sql, blue]
    credentials: &db
      uri: postgres://me:s3cret@db/1
      since: 2026-01-02
      port: 5432
      tls: {on: true, 5: x, ca: }
  apm:
    credentials: {<<: *db, key: s3cret}
  bare: {}
`
	it("CF-41 binds the services that are asked for, as Cloud Controller presents them", func() {
		s, err := teamservices.Parse("f", []byte(file))
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Names()).To(Equal([]string{"apm", "bare", "my-db"}))
		services, missing, err := s.Bind([]teamservices.Request{{Name: "my-db"}, {Name: "apm", BindingName: "tracing"}, {Name: "bare"}, {Name: "queue"}})
		Expect(err).NotTo(HaveOccurred())
		Expect(missing).To(Equal([]string{"queue"}))
		const db = `"uri": "postgres://me:s3cret@db/1", "since": "2026-01-02", "port": 5432, "tls": {"on": true, "5": "x", "ca": null}`
		Expect(services).To(MatchJSON(`{
			"postgres": [{"label": "postgres", "provider": null, "plan": "small", "name": "my-db", "tags": ["sql", "blue"], "instance_name": "my-db", "binding_name": null,
				"credentials": {` + db + `}, "syslog_drain_url": null, "volume_mounts": []}],
			"user-provided": [
				{"label": "user-provided", "provider": null, "name": "tracing", "tags": [], "instance_name": "apm", "binding_name": "tracing", "credentials": {` + db + `, "key": "s3cret"}, "syslog_drain_url": null, "volume_mounts": []},
				{"label": "user-provided", "provider": null, "name": "bare", "tags": [], "instance_name": "bare", "binding_name": null, "credentials": {}, "syslog_drain_url": null, "volume_mounts": []}]
		}`))
		Expect(bindings.Check([]byte(services))).To(Succeed())
	})

	it("finds the file of an app, or of the repository that it is in", func() {
		root := t.TempDir()
		app := filepath.Join(root, "apps", "mine")
		Expect(os.MkdirAll(app, 0o755)).To(Succeed())
		Expect(os.Mkdir(filepath.Join(root, ".git"), 0o755)).To(Succeed())
		Expect(teamservices.Find(app)).To(HaveField("Path", ""))
		path := filepath.Join(root, teamservices.FileName)
		Expect(os.WriteFile(path, []byte(file), 0o600)).To(Succeed())
		Expect(teamservices.Find(app)).To(HaveField("Path", path))
	})

	it("binds none where there is no file, and says which are missing", func() {
		services, missing, err := teamservices.Services{}.Bind([]teamservices.Request{{Name: "db"}})
		Expect(err).NotTo(HaveOccurred())
		Expect(services).To(Equal("{}"))
		Expect(missing).To(Equal([]string{"db"}))
	})

	context("failure cases", func() {
		for _, wrong := range []struct{ content, message string }{
			{"[s3cret]", "f:1: found a list; expected a mapping with the one key services, and below it the names of services"},
			{"services: s3cret", "f:1: services: found text; expected a mapping with the names of services"},
			{"services: {}\nother: s3cret", "f:1: found 2 keys; expected the one key services, and below it the names of services"},
			{"services:\n  db: {}\n  apm: {}\n  db: {credentials: {uri: s3cret}}", `f:4: found the service "db" a second time, first on line 2; expected each service once`},
			{"services:\n  db:\n    credentials: {uri: s3cret}\n    credentials: {}", `f:4: service "db": found the key "credentials" a second time, first on line 3; expected each key once`},
			{"services:\n  db:\n    credentials: {uri: s3cret, rate: .nan}", `f:3:38: service "db": credentials: found infinity or no number (.inf, .nan), which JSON does not have; expected a number, or text in quotes`},
			{"services:\n  db:\n    credentials:\n      list: [s3cret, -.inf]", `f:4:22: service "db": credentials: found infinity or no number`},
			{"service: {db: {}}", `f:1: found the key "service"; expected the one key services, and below it the names of services`},
			{"services:\n  db: s3cret", `f:2: service "db": found text; expected a mapping with the keys label, plan, tags, credentials`},
			{"services:\n  db: {credential: {uri: s3cret}}", `f:2: service "db": found the key "credential"; did you mean credentials?`},
			{"services:\n  db: {credentials: s3cret}", `f:2: service "db": credentials: found text; expected a mapping`},
			{"services:\n  db: {label: [s3cret]}\n  other: {tags: s3cret}", "f:2: service \"db\": label: found a list; expected text\nf:3: service \"other\": tags: found text; expected a list of texts"},
			{"services: {db: {tags: &t [*t]}}", `f:1: service "db": tags: found a list with items that are not text; expected a list of texts`},
			{"services: {db: {credentials: {a: *s3cret}}}", "f:1: "},
			{"services: {db: {credentials: [s3cret\n", "f:"},
		} {
			it("refuses "+wrong.content+", and quotes no value", func() {
				_, err := teamservices.Parse("f", []byte(wrong.content))
				Expect(err).To(MatchError(HavePrefix(wrong.message)))
				Expect(err.Error()).NotTo(ContainSubstring("s3cret"))
			})
		}
	})
}
