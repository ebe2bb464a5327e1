package platform

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
	"github.com/cloudfoundry-community/sidecar-buildpack/memory"
)

func testManifestProcesses(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("takes the app's own keys for its web process", func() {
		app := oneApp(t, "applications:\n- {name: app, command: ./run, memory: 2G, instances: 3}")
		Expect(app.Launch.Processes).To(Equal([]launch.AppProcess{{Type: "web", Command: "./run", Memory: 2048, Instances: 3}}))
	})

	it("reads other processes, of which none runs unless asked for", func() {
		app := oneApp(t, `
applications:
- name: app
  memory: 256M
  processes:
  - type: worker
    command: ./work
    memory: 128M
    instances: 2
  - type: clock
`)
		Expect(app.Launch.Processes).To(Equal([]launch.AppProcess{
			{Type: "web", Memory: 256, Instances: 1},
			{Type: "worker", Command: "./work", Memory: 128, Instances: 2},
			{Type: "clock", Instances: 0},
		}))
		Expect(app.HealthChecks["worker"].Type).To(Equal(HealthCheckProcess))
		Expect(app.HealthChecks["web"].Type).To(Equal(HealthCheckPort))
	})

	it("lets a process of type web replace the app's own keys altogether", func() {
		app := oneApp(t, `
applications:
- name: app
  command: ./run
  memory: 256M
  instances: 3
  health-check-type: process
  processes:
  - type: web
    instances: 2
`)
		Expect(app.Launch.Processes).To(Equal([]launch.AppProcess{{Type: "web", Instances: 2}}))
		Expect(app.HealthChecks["web"].Type).To(Equal(HealthCheckPort))
	})

	it("takes numbers in quotes, as Cloud Controller does", func() {
		app := oneApp(t, "applications: [{name: app, instances: '2', timeout: '30'}]")
		Expect(app.Launch.Processes[0].Instances).To(Equal(2))
		Expect(app.HealthChecks["web"].StartTimeout).To(Equal(30 * time.Second))
	})

	it("takes no instance for an answer", func() {
		Expect(oneApp(t, "applications: [{name: app, instances: 0}]").Launch.Processes[0].Instances).To(Equal(0))
	})

	commands := map[string]string{
		"null": "", "~": "", "'null'": "", "default": "", "": "",
		"./run --port $PORT": "./run --port $PORT", "'123'": "123", "true": "true",
	}
	for _, command := range named(commands) {
		it("reads command: "+command, func() {
			Expect(oneApp(t, "applications:\n- name: app\n  command: "+command+"\n").Launch.Processes[0].Command).To(Equal(commands[command]))
		})
	}

	sizes := map[string]memory.Size{
		"256M": 256, "256MB": 256, "256m": 256, "256MiB": 256, "1G": 1024, "1GB": 1024, "1.5g": 1536, "1T": 1 << 20,
		"2048K": 2, "2047K": 1, "4194304B": 4, "' 64M '": 64, "null": 0,
	}
	for _, text := range named(sizes) {
		it("PR-30: reads memory: "+text, func() {
			Expect(oneApp(t, "applications:\n- name: app\n  memory: "+text+"\n").Launch.Processes[0].Memory).To(Equal(sizes[text]))
		})
	}

	context("health checks", func() {
		for _, keys := range []string{
			"health-check-type: http, health-check-http-endpoint: /ok, health-check-invocation-timeout: 2, health-check-interval: 3, timeout: 4",
			"health_check_type: http, health_check_http_endpoint: /ok, health_check_invocation_timeout: 2, health_check_interval: 3, timeout: 4",
		} {
			it("reads "+keys, func() {
				expected := HealthCheck{
					Type: HealthCheckHTTP, Endpoint: "/ok",
					InvocationTimeout: 2 * time.Second, Interval: 3 * time.Second, StartTimeout: 4 * time.Second,
				}
				Expect(oneApp(t, "applications: [{name: app, "+keys+"}]").HealthChecks["web"]).To(Equal(expected))
				Expect(oneApp(t, "applications: [{name: app, processes: [{type: worker, "+keys+"}]}]").HealthChecks["worker"]).To(Equal(expected))
			})
		}

		it("takes none for the old name of process", func() {
			Expect(oneApp(t, "applications: [{name: app, health-check-type: none}]").HealthChecks["web"].Type).To(Equal(HealthCheckProcess))
		})
	})

	context("failure cases", func() {
		for _, broken := range []struct{ name, keys, message string }{
			{"a bare number as memory", "memory: 256", `:3: Process "web": memory: found "256"; expected a size with a unit: B, K, KB, M, MB, G, GB, T, or TB`},
			{"PR-30: memory that is no whole MB", "memory: 512K", `:3: Process "web": Memory must be greater than 0MB; found "512K"`},
			{"negative memory", "memory: -1M", `:3: Process "web": memory: found "-1M"; expected a size above zero`},
			{"memory that no database holds", "memory: 3000000G", `:3: Process "web": memory: found "3000000G"; expected at most 2147483647M`},
			{"a list as memory", "memory: [1M]", `:3: Process "web": memory: found a list or a mapping; expected a size such as 256M`},
			{"negative instances", "instances: -1", `:2: Process "web": Instances must be greater than or equal to 0`},
			{"instances in words", "instances: two", `:3: found "two"; expected a whole number`},
			{"a blank command", "command: ''", `:2: Process "web": Command must be between 1 and 4096 characters; found 0`},
			{"half an instance", "instances: 1.5", `:3: found "1.5"; expected a whole number`},
			{"an unknown health check", "health-check-type: tcp", `:2: Process "web": Health check type must be "port", "process", or "http"; found "tcp"`},
			{"an endpoint that is no path", "{health-check-type: http, health-check-http-endpoint: ok}", `:2: Process "web": Health check http endpoint must be a path that starts with /; found "ok"`},
			{"an endpoint without http", "{health-check-type: port, health-check-http-endpoint: /ok}", `:2: Process "web": Health check type must be "http" to set a health check HTTP endpoint`},
			{"no time at all", "timeout: 0", `:2: Process "web": Timeout must be greater than or equal to 1; found 0`},
			{"more time than there is", "health-check-interval: 9999999999", `:2: Process "web": Health check interval must be greater than or equal to 1; found 9999999999`},
			{"a negative time", "health-check-invocation-timeout: -1", `:2: Process "web": Health check invocation timeout must be greater than or equal to 1; found -1`},
			{"more instances than the platform takes", "instances: 2000001", `:2: Process "web": Instances must be less than or equal to 2000000`},
			{"a process without a type", "processes: [{command: x}]", ":3: All Processes must specify a type"},
			{"a process twice", "processes: [{type: a}, {type: a}]", `:3: Process "a" may only be present once`},
			{"a process that is no mapping", "processes: [worker]", `:3: found "worker"; expected a mapping`},
			{"processes that are no list", "processes: {type: a}", ":3: found a mapping; expected a list"},
			{"a command that is a list", "command: [a, b]", ":3: found a list; expected text"},
		} {
			it("refuses "+broken.name, func() {
				keys := broken.keys
				if keys[0] == '{' {
					keys = "<<: " + keys
				}
				_, err := loadManifest(t, "applications:\n- name: app\n  "+keys+"\n")
				Expect(err).To(MatchError(HaveSuffix("manifest.yml" + broken.message)))
			})
		}
	})
}
