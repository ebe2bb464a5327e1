package judge_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/dependency"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/judge"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/sidecar"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testtable"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testJudge(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect  = NewWithT(t).Expect
		catalog sidecar.Catalog
		app     fstest.MapFS
	)

	it.Before(func() {
		var err error
		catalog, err = sidecar.ParseCatalog(sidecar.Source{Name: "buildpack.toml", Content: []byte("[[metadata.sidecars]]\nname = \"known\"\nexecutable = \"known-program\"\nmemory = 32\n")})
		Expect(err).NotTo(HaveOccurred())
		app = fstest.MapFS{
			"sidecars.yml": {Data: []byte("- name: known\n- {name: own, command: run, memory: 64M, process_types: [worker]}\n")},
			"Procfile":     {Data: []byte("worker: work\nweb: serve\n")},
		}
	})

	// of is the case of an app.
	of := func(app fstest.MapFS, environ ...string) judge.Case {
		return judge.Case{App: app, Catalog: catalog, Environ: environ, Index: "03", Dependencies: &dependency.Dependencies{}}
	}

	it("finds the sidecars of this buildpack, what is installed for them, and the processes of the Procfile", func() {
		verdict, err := judge.Judge(of(app, "SIDECAR_OWN_MEMORY=1G", "SIDECAR_NONE_MEMORY=1G"))
		Expect(err).NotTo(HaveOccurred())
		Expect(verdict.Processes).To(Equal([]launch.Process{
			{Type: "known", Command: `"$DEPS_DIR/03/bin/known-program"`, Memory: 32, SidecarFor: []string{"web"}},
			{Type: "own", Command: "run", Memory: 1024, SidecarFor: []string{"worker"}},
		}))
		Expect(verdict.Procfile).To(Equal([]launch.Process{{Type: "web", Command: "serve"}, {Type: "worker", Command: "work"}}))
		Expect(verdict.Installations).To(ConsistOf(HaveField("Name", "known")))
		Expect(verdict.Warnings).To(ConsistOf(ContainSubstring("SIDECAR_NONE_MEMORY")))
	})

	it("asks for the neighbors of an app with sidecars alone", func() {
		asked := of(fstest.MapFS{})
		asked.Earlier = func() ([]judge.Neighbor, error) { return nil, errors.New("asked") }
		_, err := judge.Judge(asked)
		Expect(err).NotTo(HaveOccurred())
		asked.App = app
		_, err = judge.Judge(asked)
		Expect(err).To(MatchError("asked"))
	})

	it("only warns of a dependency that an earlier buildpack may still bring", func() {
		app["sidecars.yml"].Data = []byte("- {name: own, command: run, memory: 1M, dependency: agent}\n")
		_, err := judge.Judge(of(app))
		Expect(err).To(MatchError(ContainSubstring("agent")))
		asked := of(app)
		asked.Overridable = true
		verdict, refused := judge.Judge(asked)
		Expect(refused).NotTo(HaveOccurred())
		Expect(verdict.Warnings).To(Equal([]string{err.Error()}))
	})

	for form, asking := range testtable.Sorted(map[string]string{
		"env": "env: {URL: {config: db.url}}", "a file": "files: {f: '{{ if false }}{{ config \"db.url\" | default \"x\" | json }}{{ end }}'}",
		"a template of the app": "files: {f: {template: t}}",
	}) {
		it("knows that a sidecar asks for the configuration in "+form+", and where config-server has to run", func() {
			app["t"] = &fstest.MapFile{Data: []byte(`{{ range (config "db.hosts") }}{{ . }}{{ end }}`)}
			app["sidecars.yml"].Data = []byte("- {name: own, command: run, memory: 1M, process_types: [web, worker], " + asking + "}\n")
			verdict, err := judge.Judge(of(app))
			Expect(err).NotTo(HaveOccurred())
			Expect(verdict.Warnings).To(Equal([]string{"Sidecar own asks for the configuration, and this buildpack gives the app no sidecar config-server. " +
				"Expected it in sidecars.yml, as in - name: config-server, or another program that answers at CONFIG_SERVER_PORT"}))

			app["sidecars.yml"].Data = append(app["sidecars.yml"].Data, "- {name: config-server, command: run, memory: 1M, process_types: [web]}\n"...)
			_, err = judge.Judge(of(app))
			Expect(err).To(MatchError(`sidecars.yml:1: sidecar "own": found a value of the configuration, and config-server does not run with worker; ` +
				`expected process_types of config-server to include all of web, worker`))
			verdict, err = judge.Judge(of(app, "SIDECAR_CONFIG_SERVER_PROCESS_TYPES=worker,web"))
			Expect(err).NotTo(HaveOccurred())
			Expect(verdict.Warnings).To(BeEmpty())

			app["sidecars.yml"].Data = []byte("- {name: config-server, command: run, memory: 1M, " + asking + "}\n")
			_, err = judge.Judge(of(app))
			Expect(err).To(MatchError(`sidecars.yml:1: sidecar "config-server": found a value of the configuration, which this sidecar serves; expected text, or a credential of a bound service`))
		})
	}

	it("warns of files that fail as soon as a service is bound of which nothing is known", func() {
		app["sidecars.yml"].Data = []byte("- {name: own, command: run, memory: 1M, binding: apm, files: {a: '{{ binding \"key\" }}{{ .Nope }}', b: {from: none}}}\n")
		verdict, err := judge.Judge(of(app))
		Expect(err).NotTo(HaveOccurred())
		Expect(verdict.Warnings).To(Equal([]string{
			`With a service for sidecar own, staging fails: sidecars.yml:1: sidecar "own": files: b: found "none", which is not in the app; expected the path of a file of the app, from its root on`,
			`With a service for sidecar own, staging fails: sidecars.yml:1: sidecar "own": files: a:1:23: found no value called .Nope; expected one of App, Files, Index, Memory, Name`,
		}))
		asked := of(app)
		asked.Services.Known = true
		verdict, err = judge.Judge(asked)
		Expect(err).NotTo(HaveOccurred())
		Expect(verdict.Warnings).To(BeEmpty())
	})

	it("warns of a template where nothing renders it, and leaves those of other programs alone", func() {
		app["sidecars.yml"].Data = []byte(`
- name: own
  command: run --key '{{ binding "api_key" | json }}' --format '{{.Names}}'
  memory: 1M
  env: {A: '{{ .App.Name }}', B: '{{ .Name }} {{ json . }} {{', C: {config: a}, D: 'x {{ env "PORT" | default "1" }}'}
  app-env: {E: '{{ with cert }}{{ . }}{{ end }}'}
- {name: config-server, command: run, memory: 1M}
`)
		verdict, err := judge.Judge(of(app))
		Expect(err).NotTo(HaveOccurred())
		Expect(verdict.Warnings).To(Equal([]string{
			"Sidecar own: command has a template, which nothing renders there. Expected it in files, or a variable of env",
			"Sidecar own: env A has a template, which nothing renders there. Expected it in files, or a value such as {binding: api_key}, {config: db.url} or $PORT",
			"Sidecar own: env D has a template, which nothing renders there. Expected it in files, or a value such as {binding: api_key}, {config: db.url} or $PORT",
			"Sidecar own: app-env E has a template, which nothing renders there. Expected it in files, or a value such as {config: db.url} or $PORT",
		}))
	})

	it("does not take another function for the configuration's", func() {
		app["sidecars.yml"].Data = []byte("- {name: own, command: run, memory: 1M, files: {f: '{{ env \"config\" }}config \"a\"', c: {from: t}}}\n")
		app["t"] = &fstest.MapFile{Data: []byte(`{{ config "a" }}`)}
		verdict, err := judge.Judge(of(app))
		Expect(err).NotTo(HaveOccurred())
		Expect(verdict.Warnings).To(BeEmpty())
	})

	it("has nothing of an app that declares nothing", func() {
		Expect(judge.Judge(of(fstest.MapFS{}))).To(Equal(judge.Verdict{}))
	})

	it("has $SIDECAR_PACKAGE stand for where the sidecar's package is at the start", func() {
		app["sidecars.yml"].Data = []byte(`
- name: own
  artifact: {uri: "https://example.com/agent-1.tgz", sha256: ` + strings.Repeat("ab", 32) + `}
  command: run "$SIDECAR_PACKAGE/x" ${SIDECAR_PACKAGE} $SIDECAR_PACKAGES
  env: {HOME_OF_AGENT: $SIDECAR_PACKAGE}
  app-env: {JAVA_TOOL_OPTIONS: {append: "-javaagent:${SIDECAR_PACKAGE}/agent.jar"}}
- {name: other, command: echo $SIDECAR_PACKAGE}
`)
		verdict, err := judge.Judge(of(app))
		Expect(err).NotTo(HaveOccurred())
		const path = "$DEPS_DIR/03/packages/agent-1.tgz-abababab"
		Expect(verdict.Processes[0].Command).To(ContainSubstring(`run "` + path + `/x" ` + path + " $SIDECAR_PACKAGES"))
		Expect(verdict.Sidecars[0].Supervision.Env).To(ConsistOf(HaveField("Value", path)))
		Expect(verdict.Sidecars[0].AppEnv).To(ConsistOf(HaveField("Value", "-javaagent:"+path+"/agent.jar")))
		Expect(verdict.Processes[1].Command).To(Equal("echo $SIDECAR_PACKAGE"))
	})

	context("failure cases", func() {
		it("names what is wrong with the app's declarations", func() {
			app["sidecars.yml"].Data = []byte("- {name: own}\n")
			_, err := judge.Judge(of(app))
			Expect(err).To(MatchError(ContainSubstring(`sidecars.yml:1: sidecar "own": found no command`)))
		})

		it("CF-07 refuses a sidecar with the name of a process of the Procfile", func() {
			app["Procfile"].Data = []byte("own: x\n")
			_, err := judge.Judge(of(app))
			Expect(err).To(MatchError(`sidecars.yml:2: sidecar "own": found a name that is taken by a process type of the app's Procfile; expected another name: the platform would run only one of the two`))
		})

		it("says that the Procfile cannot be read", func() {
			app["Procfile"].Data = []byte("- a\n")
			verdict, err := judge.Judge(of(app))
			Expect(err).NotTo(HaveOccurred())
			Expect(verdict.ProcfileError).To(MatchError(HavePrefix("Procfile:1: ")))
		})
	})
}
