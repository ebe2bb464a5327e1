package manifest

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

func testNotes(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	it("notes the keys that Cloud Controller drops silently, with the key that was most likely meant", func() {
		app := oneApp(t, `
applications:
- name: app
  memroy: 256M
  instance: 2
  enviroment: {A: b}
  sidecar: []
  health-check-endpoint: /
  color: red
  processes:
  - type: worker
    comand: x
    sidecars: []
`)
		Expect(notesOf(app)).To(Equal([]string{
			`manifest.yml:4: Cloud Controller drops the key "memroy" without a word; did you mean memory?`,
			`manifest.yml:5: Cloud Controller drops the key "instance" without a word; did you mean instances?`,
			`manifest.yml:6: Cloud Controller drops the key "enviroment" without a word; did you mean env?`,
			`manifest.yml:7: Cloud Controller drops the key "sidecar" without a word; did you mean sidecars?`,
			`manifest.yml:8: Cloud Controller drops the key "health-check-endpoint" without a word; did you mean health-check-http-endpoint?`,
			`manifest.yml:9: Cloud Controller drops the key "color" without a word`,
			`manifest.yml:12: Cloud Controller drops the key "comand" without a word; did you mean command?`,
			`manifest.yml:13: Cloud Controller drops the key "sidecars" without a word`,
		}))
	})

	it("notes the keys that the platform reads and this tool does not", func() {
		app := oneApp(t, `
applications:
- name: app
  services: [db]
  routes: [{route: a.b}]
  random-route: true
  disk_quota: 1G
  metadata: {labels: {a: b}}
`)
		Expect(notesOf(app)).To(ConsistOf(
			"manifest.yml:5: the key routes is the platform's alone: here an app has the address that its log names",
			"manifest.yml:6: the key random-route is the platform's alone: here an app has the address that its log names",
			"manifest.yml:7: the key disk-quota is the platform's alone: here nothing limits the disk",
			"manifest.yml:8: the key metadata is the platform's alone: here labels and annotations have no effect",
		))
	})

	it("says of keys in capitals nothing but that two mean the same", func() {
		app := oneApp(t, "applications:\n- name: app\n  MEMORY: 256M\n  Memory: 512M\n")
		Expect(app.Launch.Processes[0].Memory).To(BeEquivalentTo(512))
		Expect(notesOf(app)).To(ConsistOf("manifest.yml:4: the keys MEMORY and Memory mean the same; Cloud Controller takes the value of Memory"))
	})

	it("notes what is outside of the apps, unless it holds an anchor for them", func() {
		app := oneApp(t, "memory: 1G\ncommon: &c {memory: 256M}\nx-list:\n- &d 5\napplications:\n- <<: *c\n  name: app\n")
		Expect(notesOf(app)).To(ConsistOf(`manifest.yml:1: the cf CLI drops the key "memory" without a word: it is not below applications`))
	})

	it("says nothing of a manifest of keys that all have their effect", func() {
		Expect(notesOf(oneApp(t, `
version: 1
applications:
- name: app
  path: .
  stack: cflinuxfs4
  lifecycle: buildpack
  buildpacks: [go_buildpack]
  command: ./run
  memory: 256M
  instances: 1
  timeout: 60
  log-rate-limit-per-second: 1K
  health-check-type: http
  health-check-http-endpoint: /
  readiness-health-check-type: process
  features: {ssh: true}
  env: {A: b, M: 1}
  sidecars: [{name: s, command: ./s, process_types: [web]}]
  processes: [{type: worker, command: ./work, memory: 64M}]
`))).To(BeEmpty())
	})
}
