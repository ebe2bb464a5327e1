package manifest

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

func testProcesses(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	// process is the only one of such a process type.
	process := func(app App, processType string) controller.AppProcess {
		t.Helper()
		for _, p := range app.Launch.Processes {
			if p.Type == processType {
				return p
			}
		}
		t.Fatalf("there is no process %s", processType)
		return controller.AppProcess{}
	}

	it("takes the app's own keys for its web process", func() {
		app := oneApp(t, "applications:\n- {name: app, command: ./run, memory: 2G, instances: 3}")
		Expect(app.Launch.Processes).To(Equal([]controller.AppProcess{{Type: "web", Command: words("./run"), Memory: 2048, Instances: number(3)}}))
	})

	it("reads other processes with what is stated of them", func() {
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
		Expect(app.Launch.Processes).To(Equal([]controller.AppProcess{
			{Type: "web", Memory: 256},
			{Type: "worker", Command: words("./work"), Memory: 128, Instances: number(2)},
			{Type: "clock"},
		}))
	})

	it("lets a process of type web replace the app's own keys altogether, and notes each", func() {
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
		Expect(app.Launch.Processes).To(Equal([]controller.AppProcess{{Type: "web", Instances: number(2)}}))
		Expect(notesOf(app)).To(ConsistOf(
			"manifest.yml:4: the app's own command is dropped: the item web of processes replaces it",
			"manifest.yml:5: the app's own memory is dropped: the item web of processes replaces it, and where that states no memory, a new app has 1G",
			"manifest.yml:6: the app's own instances is dropped: the item web of processes replaces it",
			"manifest.yml:7: the app's own health-check-type is dropped: the item web of processes replaces it",
		))
	})

	it("says nothing of what the item web states no better", func() {
		Expect(notesOf(oneApp(t, "applications: [{name: app, env: {A: b}, processes: [{type: web, memory: 1G}]}]"))).To(BeEmpty())
	})

	it("takes no instance for an answer", func() {
		Expect(oneApp(t, "applications: [{name: app, instances: 0}]").Launch.Processes[0].Instances).To(Equal(number(0)))
	})

	it("drops what the cf CLI does not send: an empty memory, a timeout of 0", func() {
		Expect(oneApp(t, "applications: [{name: app, memory: ((none)), timeout: 0}]", `none=""`).Launch.Processes[0]).To(Equal(controller.AppProcess{Type: "web"}))
	})

	it("CF-50 cuts off a fraction, as the cf CLI does, and notes it", func() {
		app := oneApp(t, "applications: [{name: app, instances: 1.5}]")
		Expect(app.Launch.Processes[0].Instances).To(Equal(number(1)))
		Expect(notesOf(app)).To(ConsistOf("manifest.yml:1: instances: 1.5 arrives as 1"))
	})

	it("CF-50 reads the name of a type with YAML 1.1, and notes what it becomes", func() {
		app := oneApp(t, "applications: [{name: app, processes: [{type: 0x10}, {type: on}]}]")
		Expect(process(app, "16").Type).To(Equal("16"))
		Expect(process(app, "true").Type).To(Equal("true"))
		Expect(notesOf(app)).To(ConsistOf(
			"manifest.yml:1: type: 0x10 arrives as 16; put it in quotes to keep it", "manifest.yml:1: type: on arrives as true; put it in quotes to keep it"))
	})

	commands := map[string]string{
		"null": "", "~": "", "'null'": "", "default": "", "": "", "no": "", "off": "",
		"./run --port $PORT": "./run --port $PORT", "'123'": "123", "'true'": "true", "2026-11-28": "2026-11-28",
	}
	for _, command := range named(commands) {
		it("reads command: "+command, func() {
			Expect(oneApp(t, "applications:\n- name: app\n  command: "+command+"\n").Launch.Processes[0].Command).To(Equal(words(commands[command])))
		})
	}

	it("tells no command from one that is the droplet's", func() {
		Expect(oneApp(t, "applications: [{name: app}]").Launch.Processes[0].Command).To(BeNil())
	})

	sizes := map[string]memory.Size{
		"256M": 256, "256MB": 256, "256m": 256, "256MiB": 256, "256Mi": 256, "1G": 1024, "1GB": 1024, "1.5g": 1536, "1T": 1 << 20,
		"2048K": 2, "2047K": 1, "4194304B": 4, "'64M '": 64, "\"64M\\nand more\"": 64, "null": 0, "''": 0, "2147483648M": 1 << 31, "!!binary NjRN": 64,
		strings.Repeat("9", 100_000) + "G": 1 << 40, // Cloud Controller finds out only when it stores it
	}
	for _, text := range named(sizes) {
		it("CF-30: reads memory: "+clip(text), func() {
			Expect(oneApp(t, "applications:\n- name: app\n  memory: "+text+"\n").Launch.Processes[0].Memory).To(Equal(sizes[text]))
		})
	}

	context("health checks", func() {
		stated := controller.AppCheck{Type: controller.CheckHTTP, Endpoint: words("/ok"), InvocationTimeout: number(2), Interval: number(3)}
		for _, keys := range []string{
			"health-check-type: http, health-check-http-endpoint: /ok, health-check-invocation-timeout: 2, health-check-interval: 3, timeout: 4",
			"health_check_type: http, health_check_http_endpoint: /ok, health_check_invocation_timeout: 2, health_check_interval: 3, timeout: 4",
			"healthCheckType: http, HealthCheckHttpEndpoint: /ok, health-Check-InvocationTimeout: '2', HEALTH_CHECK_INTERVAL: 3, TIMEOUT: '4'",
		} {
			it("reads "+keys, func() {
				expected := stated
				expected.Timeout = number(4)
				Expect(process(oneApp(t, "applications: [{name: app, "+keys+"}]"), "web").Check).To(Equal(expected))
				Expect(process(oneApp(t, "applications: [{name: app, processes: [{type: worker, "+keys+"}]}]"), "worker").Check).To(Equal(expected))
			})
		}

		it("reads the readiness check", func() {
			keys := "readiness-health-check-type: http, readiness-health-check-http-endpoint: /ok, readiness-health-check-invocation-timeout: 2, readiness-health-check-interval: 3"
			Expect(process(oneApp(t, "applications: [{name: app, "+keys+"}]"), "web").Readiness).To(Equal(stated))
			Expect(process(oneApp(t, "applications: [{name: app, processes: [{type: worker, "+keys+"}]}]"), "worker").Readiness).To(Equal(stated))
		})

		it("takes none for the old name of process", func() {
			Expect(process(oneApp(t, "applications: [{name: app, health-check-type: none}]"), "web").Check.Type).To(Equal(controller.CheckProcess))
		})
	})

	context("failure cases", func() {
		const cli, unit = "the cf CLI cannot read the manifest", "a size such as 256M, without blanks"
		for _, broken := range []struct{ name, keys, message string }{
			{"a bare number as memory", "memory: 256", `:3: Process "web": Memory must use a supported unit: B, K, KB, M, MB, G, GB, T, or TB; found "256"; expected ` + unit},
			{"memory with a blank in front", "memory: ' 64M'", `:3: Process "web": Memory is not a number; found " 64M"; expected ` + unit},
			{"CF-30: memory that is not a whole number of MB", "memory: 512K", `:3: Process "web": Memory must be greater than 0MB; found "512K"; expected at least 1M`},
			{"negative memory", "memory: -1M", `:3: Process "web": Memory must be greater than 0MB; found "-1M"; expected at least 1M`},
			{"memory that is refused though it is replaced", "{memory: x, processes: [{type: web}]}", `:3: Process "web": Memory is not a number; found "x"; expected ` + unit},
			{"a list as memory", "memory: [1M]", `:3: memory: ` + cli + `; found a list; expected text`},
			{"a disk quota that is not a size", "disk_quota: much", `:3: Process "web": Disk quota is not a number; found "much"; expected ` + unit},
			{"a log rate that is not a size", "log-rate-limit-per-second: much", `:3: Process "web": Log rate limit per second is not a number; found "much"; expected ` + unit},
			{"a log rate without a unit", "log-rate-limit-per-second: 1024", `:3: Process "web": Log rate limit per second must use a supported unit: B, K, KB, M, MB, G, GB, T, or TB; found "1024"; expected ` + unit},
			{"a negative log rate", "log-rate-limit-per-second: -5B", `:3: Process "web": Log rate limit must be an integer greater than or equal to -1; found "-5B"; expected a size such as 16K, or -1 for no limit`},
			{"a log rate that no database holds", "log-rate-limit-per-second: 99999999999T", `:3: Process "web": Log rate limit must be an integer greater than or equal to -1; found "99999999999T"; expected a size such as 16K, or -1 for no limit`},
			{"a list as log rate", "log-rate-limit-per-second: [1K]", `:3: log-rate-limit-per-second: ` + cli + `; found a list; expected text`},
			{"an endpoint of a readiness check of a port", "{readiness-health-check-type: port, readiness-health-check-http-endpoint: /a}", `:3: Process "web": Readiness health check type must be "http" to set a health check HTTP endpoint; found "port"`},
			{"a readiness endpoint with two slashes", "{readiness-health-check-type: http, readiness-health-check-http-endpoint: //a}", `:3: Process "web": Readiness health check http endpoint must be a valid URI path; found "//a"; expected a path such as /health, without blanks`},
			{"a readiness time-out of 0", "readiness-health-check-invocation-timeout: 0", `:3: Process "web": Readiness health check invocation timeout must be greater than or equal to 1; found the number 0`},
			{"a negative readiness interval", "readiness-health-check-interval: -3", `:3: Process "web": Readiness health check interval must be greater than or equal to 1; found the number -3`},
			{"negative instances", "instances: -1", `:3: Process "web": Instances must be greater than or equal to 0; found the number -1`},
			{"instances in words", "instances: two", `:3: instances: ` + cli + `; found "two"; expected a whole number, without quotes`},
			{"instances in quotes", "instances: '2'", `:3: instances: ` + cli + `; found "2"; expected a whole number, without quotes`},
			{"instances by a key that the cf CLI hands on, in words", "INSTANCES: two", `:3: Process "web": Instances is not a number; found "two"`},
			{"half an instance by such a key", "INSTANCES: 1.5", `:3: Process "web": Instances must be an integer; found the number 1.5`},
			{"a timeout in quotes", "timeout: '60'", `:3: timeout: ` + cli + `; found "60"; expected a whole number, without quotes`},
			{"a blank command", "command: ''", `:3: Process "web": Command must be between 1 and 4096 characters; found 0 characters; expected a command, or no key command`},
			{"a command that is a number", "command: 5", `:3: Process "web": Command must be a string; found the number 5; expected text, in quotes where it looks like another kind`},
			{"a command that is a boolean", "command: yes", `:3: Process "web": Command must be a string; found the boolean true; expected text, in quotes where it looks like another kind`},
			{"a command that is a list", "command: [a, b]", `:3: Process "web": Command must be a string; found a list; expected text, in quotes where it looks like another kind`},
			{"an unknown health check", "health-check-type: tcp", `:3: Process "web": Health check type must be "port", "process", or "http"; found "tcp"`},
			{"an unknown readiness check", "readiness-health-check-type: tcp", `:3: Process "web": Readiness health check type must be "port", "process", or "http"; found "tcp"`},
			{"an endpoint that is not a path", "{health-check-type: http, health-check-http-endpoint: ok}", `:3: Process "web": Health check http endpoint must be a valid URI path; found "ok"; expected a path such as /health, without blanks`},
			{"an endpoint with a blank", "{health-check-type: http, health-check-http-endpoint: /a b}", `:3: Process "web": Health check http endpoint must be a valid URI path; found "/a b"; expected a path such as /health, without blanks`},
			{"an endpoint with two slashes", "{health-check-type: http, health-check-http-endpoint: //a}", `:3: Process "web": Health check http endpoint must be a valid URI path; found "//a"; expected a path such as /health, without blanks`},
			{"an endpoint without http", "{health-check-type: port, health-check-http-endpoint: /ok}", `:3: Process "web": Health check type must be "http" to set a health check HTTP endpoint; found "port"`},
			{"a negative time", "health-check-invocation-timeout: -1", `:3: Process "web": Health check invocation timeout must be greater than or equal to 1; found the number -1`},
			{"no interval at all", "health-check-interval: 0", `:3: Process "web": Health check interval must be greater than or equal to 1; found the number 0`},
			{"more instances than the platform takes", "instances: 2000001", `:3: Process "web": Instances must be less than or equal to 2000000; found the number 2000001`},
			{"a process without a type", "processes: [{command: x}]", ":3: All Processes must specify a type; found no type; expected the key type"},
			{"a process that is nothing", "processes: [null]", ":3: All Processes must specify a type; found no type; expected the key type"},
			{"a process twice", "processes: [{type: a}, {type: a}]", `:3: Process "a" may only be present once`},
			{"a process that is not a mapping", "processes: [worker]", `:3: processes: ` + cli + `; found "worker"; expected a mapping`},
			{"processes that are not a list", "processes: {type: a}", ":3: processes: " + cli + "; found a mapping; expected a list"},
			{"processes by a key that the cf CLI hands on, as no list", "Processes: {type: a}", ":3: Processes must be an array of process configurations; found a mapping; expected a list, each item starting with - type:"},
			{"a time to start of a process by the name that the app has for it", "processes: [{type: a, health-check-timeout: 5}]", `:3: Process "a": Unknown field(s): 'health_check_timeout'; found the number 5; expected the key timeout`},
		} {
			it("refuses "+broken.name, func() {
				keys := broken.keys
				if keys[0] == '{' {
					keys = "<<: " + keys
				}
				_, err := parseManifest(t, "applications:\n- name: app\n  "+keys+"\n")
				Expect(err).To(MatchError("manifest.yml" + broken.message))
			})
		}
	})
}
