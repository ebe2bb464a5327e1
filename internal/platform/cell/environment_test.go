package cell

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/push"
)

// environ is an environment by name; a duplicate name fails the test.
func environ(t *testing.T, list []string) map[string]string {
	t.Helper()
	read := map[string]string{}
	for _, variable := range list {
		name, value, found := strings.Cut(variable, "=")
		NewWithT(t).Expect(found).To(BeTrue())
		NewWithT(t).Expect(read).NotTo(HaveKey(name))
		read[name] = value
	}
	return read
}

// limits is what VCAP_APPLICATION says of an environment's memory.
func limits(t *testing.T, environ map[string]string) memory.Size {
	t.Helper()
	var application struct {
		Limits struct{ Mem memory.Size } `json:"limits"`
	}
	NewWithT(t).Expect(json.Unmarshal([]byte(environ["VCAP_APPLICATION"]), &application)).To(Succeed())
	return application.Limits.Mem
}

func testEnvironment(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		p      *Cell
		app    push.Application
		m      *Mounts
	)

	it.Before(func() {
		p = &Cell{Environ: []string{
			"PATH=/bin", "HOME=/home/me", "https_proxy=http://proxy", "GOPROXY=off", "SECRET=of the machine", "MEMORY_LIMIT=1m",
			"PORT=1", "VCAP_APPLICATION=x", "USER=me", "TMPDIR=/mine", "LD_PRELOAD=x", "BROKEN", "=",
		}}
		app = push.NewApplication("app")
		m = &Mounts{seen: "/etc"}
		Expect(m.bind(app.Services, "{}", PurposeApp)).To(Succeed())
	})

	staging := func() map[string]string { return environ(t, p.StagingEnvironment(app, "/staging/tmp", "the-guid", m)) }
	running := func(s ProcessEnv) map[string]string {
		s.App, s.GUID, s.Index, s.Mounts = app, "the-guid", 2, m
		return environ(t, p.RunningEnvironment(s))
	}

	it("CF-14: has a sample for those that run nothing: what the platform and the launcher set for the first instance, but for services and what is handed on", func() {
		app.Environment = map[string]string{"MINE": "a=b"}
		sample := map[string]string{}
		for _, variable := range SampleEnvironment(app, "worker", 64) {
			name, value, _ := strings.Cut(variable, "=")
			sample[name] = value // the last one counts
		}
		var expected []string
		for name := range running(ProcessEnv{ProcessType: "worker", Limit: 64, Port: 8080}) {
			if name != "PATH" && name != "VCAP_SERVICES" {
				expected = append(expected, name)
			}
		}
		Expect(slices.Collect(maps.Keys(sample))).To(ConsistOf(append(expected, "HOME", "DEPS_DIR", "TMPDIR")))
		Expect(sample).To(And(HaveKeyWithValue("HOME", "/home/vcap/app"), HaveKeyWithValue("CF_INSTANCE_INDEX", "0"), HaveKeyWithValue("MINE", "a=b"),
			HaveKeyWithValue("CF_INSTANCE_CERT", "/etc/cf-instance-credentials/instance.crt"), HaveKeyWithValue("MEMORY_LIMIT", "64m")))
		var application map[string]any
		Expect(json.Unmarshal([]byte(sample["VCAP_APPLICATION"]), &application)).To(Succeed())
		Expect(application).To(And(HaveKeyWithValue("process_type", "worker"), HaveKeyWithValue("instance_index", 0.0), HaveKeyWithValue("host", "0.0.0.0"), HaveKeyWithValue("application_name", "app")))
	})

	context("at staging", func() {
		it("CF-13: states the memory of the web process", func() {
			app.Process("web").Memory = 2048
			Expect(staging()).To(HaveKeyWithValue("MEMORY_LIMIT", "2048m"))
			Expect(limits(t, staging())).To(BeEquivalentTo(2048))
		})

		it("CF-13: states the minimum for staging where web has less", func() {
			app.Process("web").Memory = 64
			app.Process("worker").Memory = 4096
			Expect(staging()).To(HaveKeyWithValue("MEMORY_LIMIT", "1024m"))
			Expect(limits(t, staging())).To(BeEquivalentTo(1024))
		})

		it("holds what the platform sets, what the developer sets, and of the machine what is handed on", func() {
			app.Stack = "cflinuxfs4"
			app.Environment = map[string]string{"MINE": "a=b", "GOPROXY": "https://goproxy.example.com"}
			found := staging()
			delete(found, "VCAP_APPLICATION")
			Expect(found).To(Equal(map[string]string{
				"PATH": "/bin", "HOME": "/home/me", "https_proxy": "http://proxy", "GOPROXY": "https://goproxy.example.com",
				"LANG": "C.UTF-8", "USER": "vcap", "MINE": "a=b",
				"CF_INSTANCE_GUID": "the-guid", "CF_STACK": "cflinuxfs4", "TMPDIR": "/staging/tmp",
				"MEMORY_LIMIT": "1024m", "VCAP_SERVICES": "{}",
				"CF_INSTANCE_CERT": "/etc/cf-instance-credentials/instance.crt", "CF_INSTANCE_KEY": "/etc/cf-instance-credentials/instance.key",
				"CF_SYSTEM_CERT_PATH": "/etc/cf-system-certificates",
			}))
		})

		it("CF-24: ignores a MEMORY_LIMIT of the developer's", func() {
			app.Environment["MEMORY_LIMIT"] = "1m"
			Expect(staging()).To(HaveKeyWithValue("MEMORY_LIMIT", "1024m"))
		})
	})

	context("at launch", func() {
		it("CF-14: holds what the launcher needs, and of the machine the PATH alone", func() {
			app.Environment = map[string]string{"MINE": "a=b"}
			found := running(ProcessEnv{ProcessType: "web", Limit: 768, Port: 8080})
			delete(found, "VCAP_APPLICATION")
			Expect(found).To(Equal(map[string]string{
				"PATH": "/bin", "LANG": "en_US.UTF-8", "USER": "vcap", "MINE": "a=b",
				"PORT": "8080", "VCAP_APP_PORT": "8080", "VCAP_APP_HOST": "0.0.0.0",
				"MEMORY_LIMIT": "768m", "VCAP_SERVICES": "{}",
				"CF_INSTANCE_CERT": "/etc/cf-instance-credentials/instance.crt", "CF_INSTANCE_KEY": "/etc/cf-instance-credentials/instance.key",
				"CF_SYSTEM_CERT_PATH": "/etc/cf-system-certificates",
				"INSTANCE_GUID":       "the-guid", "INSTANCE_INDEX": "2", "CF_INSTANCE_GUID": "the-guid", "CF_INSTANCE_INDEX": "2",
				"CF_INSTANCE_IP": "127.0.0.1", "CF_INSTANCE_INTERNAL_IP": "127.0.0.1", "CF_INSTANCE_PORT": "8080",
				"CF_INSTANCE_ADDR": "127.0.0.1:8080", "CF_INSTANCE_PORTS": `[{"external":8080,"internal":8080}]`,
			}))
		})

		it("CF-22, CF-23: states the share of the process in both places", func() {
			found := running(ProcessEnv{ProcessType: "web", Limit: 768, Port: 8080})
			Expect(found).To(HaveKeyWithValue("MEMORY_LIMIT", "768m"))
			Expect(limits(t, found)).To(BeEquivalentTo(768))
		})

		it("CF-24: ignores a MEMORY_LIMIT of the developer's", func() {
			app.Environment["MEMORY_LIMIT"] = "1m"
			Expect(running(ProcessEnv{Limit: 768})).To(HaveKeyWithValue("MEMORY_LIMIT", "768m"))
		})

		it("describes the app in VCAP_APPLICATION", func() {
			var application map[string]any
			Expect(json.Unmarshal([]byte(running(ProcessEnv{ProcessType: "worker", Limit: 1})["VCAP_APPLICATION"]), &application)).To(Succeed())
			Expect(application).To(HaveKeyWithValue("application_name", "app"))
			Expect(application).To(HaveKeyWithValue("name", "app"))
			Expect(application).To(HaveKeyWithValue("process_type", "worker"))
			Expect(application).To(HaveKeyWithValue("application_id", AppGUID("app")))
			Expect(application["limits"]).To(Equal(map[string]any{"fds": 16384.0, "mem": 1.0, "disk": 1024.0}))
		})

		it("CF-43: leaves an app's own CF_INSTANCE_CERT, and replaces its CF_SYSTEM_CERT_PATH, whose content is among the authorities", func() {
			app.Environment = map[string]string{"CF_INSTANCE_CERT": "mine", "CF_SYSTEM_CERT_PATH": "mine"}
			for _, found := range []map[string]string{staging(), running(ProcessEnv{})} {
				Expect(found).To(HaveKeyWithValue("CF_INSTANCE_CERT", "mine"))
				Expect(found).To(HaveKeyWithValue("CF_SYSTEM_CERT_PATH", "/etc/cf-system-certificates"))
			}
		})
	})

	context("CF-22, CF-23, CF-25: the processes of an instance", func() {
		it("differ in memory alone", func() {
			Expect(running(ProcessEnv{ProcessType: "web", Limit: 768, Port: 4000})["PORT"]).To(Equal(running(ProcessEnv{ProcessType: "web", Limit: 128, Port: 4000})["PORT"]))
			first, second := running(ProcessEnv{ProcessType: "web", Limit: 768, Port: 4000}), running(ProcessEnv{ProcessType: "web", Limit: 128, Port: 4000})
			for _, different := range []string{"MEMORY_LIMIT", "VCAP_APPLICATION"} {
				delete(first, different)
				delete(second, different)
			}
			Expect(first).To(Equal(second))
		})
	})
}
