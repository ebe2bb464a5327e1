package integration_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testport"
)

// packages are the zips that scripts/package.sh makes, once for all specs, in a
// directory that goes with the suite.
var packages = sync.OnceValues(func() (string, error) {
	directory := filepath.Join(filepath.Dir(built.sidecar), "packages")
	for _, args := range [][]string{{}, {"--cached"}, {"--cached", "--stack", "cflinuxfs4"}} {
		command := exec.Command(filepath.Join(built.root, "scripts", "package.sh"), append(args, "--version", "9.8.7", "--output", directory)...)
		if output, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("failed to package: %w: %s", err, output)
		}
	}
	return directory, nil
})

// testPackaged stages with the buildpack as its users get it, and runs the
// catalog's collector.
func testPackaged(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect    = NewWithT(t).Expect
		directory string // an app
		zips      string
	)
	var (
		uncached = built.name + "_buildpack-v9.8.7.zip"
		cached   = built.name + "_buildpack-cached-v9.8.7.zip"
		forStack = built.name + "_buildpack-cached-cflinuxfs4-v9.8.7.zip"
	)

	it.Before(func() {
		var err error
		zips, err = packages()
		Expect(err).NotTo(HaveOccurred())
		directory = app(t, map[string]string{
			"Procfile":     "web: ./start",
			"sidecars.yml": "- name: config-server\n- name: otel-collector\n",
			// Not a proxy: what goes to the network fails.
			"manifest.yml": "applications:\n- name: packaged\n  env: {HTTPS_PROXY: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1'}\n",
		})
	})
	expectStaged := func(staged result) {
		t.Helper()
		Expect(staged.Sidecars).To(HaveLen(2))
		Expect(staged.Sidecars[1].Command).To(And(HavePrefix(`"$DEPS_DIR/0/bin/supervise" otel-collector -- `), ContainSubstring(`"$DEPS_DIR/0/bin/otel-collector"`)))
		Expect(staged.Lifecycle.Buildpacks[0].Version).To(Equal("9.8.7"))
		Expect(staged.log).NotTo(ContainSubstring("from source"))
		Expect(staged.files(t)).To(ContainElements(Equal("./deps/0/bin/config-server"), Equal("./deps/0/bin/otel-collector"), MatchRegexp(`^\./deps/0/packages/otel-collector-0\.162\.0-[0-9a-f]{8}/otelcol$`)))
	}
	// serve is a server of a directory, on loopback.
	serve := func(directory string) string {
		server := httptest.NewServer(http.FileServer(http.Dir(directory)))
		t.Cleanup(server.Close)
		return server.URL
	}

	it("stages from a zip that has every dependency, without any network", func() {
		expectStaged(stage(t, directory, "-b", filepath.Join(zips, cached)))
	})

	it("stages from an http URL", func() {
		expectStaged(stage(t, directory, "-b", serve(zips)+"/"+cached))
	})

	it("stages from a zip for one stack, and for no other", func() {
		expectStaged(stage(t, directory, "-b", filepath.Join(zips, forStack), "-s", "cflinuxfs4"))
		log, _ := failToStage(t, 223, directory, "-b", filepath.Join(zips, forStack), "-s", "cflinuxfs3")
		Expect(log).To(ContainSubstring("found the stack cflinuxfs3; expected cflinuxfs4, for which this buildpack was packaged"))
	})

	it("fetches with the small zip, once", func() {
		archive, err := filepath.Glob(filepath.Join(built.root, ".build", "dependencies", "otel-collector-*.tar.gz"))
		Expect(err).NotTo(HaveOccurred())
		Expect(archive).NotTo(BeEmpty())
		content, err := os.ReadFile(archive[len(archive)-1])
		Expect(err).NotTo(HaveOccurred())
		sum := sha256.Sum256(content)
		requests := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			http.ServeFile(w, r, archive[len(archive)-1])
		}))
		t.Cleanup(server.Close)
		// As cf create-user-provided-service would.
		services := fmt.Sprintf(`VCAP_SERVICES={"user-provided": [{"name": "mapping", "label": "user-provided", "credentials": {"type": "dependency-mapping", "%s": "%s/collector?token=secret"}}]}`,
			hex.EncodeToString(sum[:]), server.URL)

		output := filepath.Join(t.TempDir(), "droplet")
		for _, expected := range []string{"Fetching " + server.URL + "/collector\n", "Taking " + server.URL + "/collector from the cache\n"} {
			s := startSidecar(t, directory, []string{services}, "stage", "-o", output, "-b", filepath.Join(zips, uncached), "--lifecycle", built.lifecycle)
			s.await()
			Expect(s.ExitCode()).To(Equal(0), func() string { return s.log() + string(s.Err.Contents()) })
			Expect(s.log()).To(ContainSubstring(expected))
			Expect(s.log() + string(s.Err.Contents())).NotTo(ContainSubstring("secret"))
		}
		Expect(requests).To(Equal(1))
	})

	it("gives the app an OTLP endpoint by the collector's name alone", func() {
		need(t, "curl")
		http, grpc, health := testport.Free(t), testport.Free(t), testport.Free(t) // the usual ones may be others' here
		s := sidecar(t, app(t, map[string]string{
			"Procfile":     "web: exec ./start.sh",
			"sidecars.yml": "- {name: otel-collector, hold-app: true}\n",
			"manifest.yml": "applications:\n- name: traced\n  memory: 256M\n  health-check-type: process\n  env:\n" +
				"    OTEL_COLLECTOR_HTTP_PORT: " + http + "\n    OTEL_COLLECTOR_GRPC_PORT: " + grpc + "\n    OTEL_COLLECTOR_HEALTH_PORT: " + health + "\n",
			"start.sh": `#!/bin/bash
echo "endpoint $OTEL_EXPORTER_OTLP_ENDPOINT"
curl -is -H 'Content-Type: application/json' -d '{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "5b8efff798038103d269b633813fc60c",
  "spanId": "eee19b7ec3c1b174", "name": "request", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}]}]}]}' "$OTEL_EXPORTER_OTLP_ENDPOINT/v1/traces"
echo
exec sleep 1000
`,
		}), "push", "-b", filepath.Join(zips, cached))
		s.expectLine("APP/PROC/WEB/0", "endpoint http://127.0.0.1:"+http+"\n")
		s.expectLine("APP/PROC/WEB/0", "HTTP/1.1 200 OK")
		s.expectLine("APP/PROC/WEB/0", `{"partialSuccess":{}}`)
		NewWithT(t).Eventually(s.log).Should(MatchRegexp(`SIDECAR/OTEL-COLLECTOR/0\] OUT .*\tTraces\t.*"spans": 1`))
		s.stop()
		Expect(s.log()).To(MatchRegexp(`SIDECAR/OTEL-COLLECTOR/0\] OUT Exit status 0\n`))
	})

	it("tells the collector and the app's own SDK which app, space and organization it is (otel-identity)", func() {
		http, grpc, health := testport.Free(t), testport.Free(t), testport.Free(t)
		directory := app(t, map[string]string{
			"Procfile": "web: exec ./traced\nworker: echo \"worker ${OTEL_SERVICE_NAME-unset} ${OTEL_RESOURCE_ATTRIBUTES-unset}\"; exec sleep 1000",
			"sidecars.yml": "- {name: otel-collector, hold-app: true, command: 'echo \"collector is of $OTEL_SERVICE_NAME: $OTEL_RESOURCE_ATTRIBUTES\"; exec otel-collector'}\n" +
				"- {name: tagger, command: 'echo \"other ${OTEL_SERVICE_NAME-unset}\"; exec sleep 1000', app-env: {OTEL_RESOURCE_ATTRIBUTES: {append: 'service.version=1.2'}}}\n",
			"manifest.yml": "applications:\n- name: my shop, new\n  processes:\n  - {type: web, memory: 256M, health-check-type: process}\n  - {type: worker, memory: 64M, instances: 1}\n  env:\n" +
				"    OTEL_RESOURCE_ATTRIBUTES: 'team=blue%20sky,cloudfoundry.space.name=mine'\n    OTEL_COLLECTOR_DEBUG_VERBOSITY: detailed\n" +
				"    OTEL_COLLECTOR_HTTP_PORT: " + http + "\n    OTEL_COLLECTOR_GRPC_PORT: " + grpc + "\n    OTEL_COLLECTOR_HEALTH_PORT: " + health + "\n",
		})
		build := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(directory, "traced"), ".")
		build.Dir = filepath.Join(built.root, "integration", "testdata", "traced")
		output, err := build.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		s := sidecar(t, directory, "push", "-b", filepath.Join(zips, cached))
		s.expectLine("APP/PROC/WEB/0", "sent: 200 OK")
		const received = `SIDECAR/OTEL-COLLECTOR/0\] (OUT|ERR) +-> `
		for _, attribute := range []string{
			`service\.name: Str\(my shop, new\)`, `cloudfoundry\.app\.name: Str\(my shop, new\)`, `cloudfoundry\.app\.id: Str\([0-9a-f-]{36}\)`, `cloudfoundry\.app\.instance\.id: Str\(0\)`,
			`cloudfoundry\.org\.id: Str\([0-9a-f-]{36}\)`, `cloudfoundry\.org\.name: Str\(.+\)`, `cloudfoundry\.space\.id: Str\([0-9a-f-]{36}\)`, `cloudfoundry\.space\.name: Str\(mine\)`,
			`cloudfoundry\.process\.id: Str\([0-9a-f-]{36}\)`, `cloudfoundry\.process\.type: Str\(web\)`, `service\.instance\.id: Str\([0-9a-f-]{36}\)`,
			`team: Str\(blue sky\)`, `service\.version: Str\(1\.2\)`,
		} {
			NewWithT(t).Eventually(s.log).Should(MatchRegexp(received + attribute))
		}
		NewWithT(t).Eventually(s.log).Should(MatchRegexp(`OUT collector is of my shop, new: team=blue%20sky,cloudfoundry\.space\.name=mine,cloudfoundry\.app\.id=[0-9a-f-]+,cloudfoundry\.app\.name=my%20shop%2C%20new,`))
		s.expectLine("APP/PROC/WEB/SIDECAR/TAGGER/0", "other unset")
		s.expectLine("APP/PROC/WORKER/0", "worker unset team=blue%20sky,cloudfoundry.space.name=mine")
		s.stop()
	})

	it("CF-51: has an SBOM of its programs and of the dependencies in it, and names it in the droplet", func() {
		staged := stage(t, directory, "-b", filepath.Join(zips, cached))
		content := staged.file(t, "deps/0/sbom.cdx.json")
		sum := sha256.Sum256([]byte(content))
		Expect(staged.file(t, "deps/0/config.yml")).To(And(ContainSubstring("    path: deps/0/sbom.cdx.json\n"), ContainSubstring(hex.EncodeToString(sum[:]))))
		var bom struct {
			Format     string `json:"bomFormat"`
			Components []struct{ Name, Version, PURL string }
		}
		Expect(json.Unmarshal([]byte(content), &bom)).To(Succeed())
		Expect(bom.Format).To(Equal("CycloneDX"))
		found := map[string]string{}
		for _, c := range bom.Components {
			found[c.Name] = c.Version
		}
		for _, program := range []string{"config-server", "detect", "finalize", "release", "sidecar-env", "sidecar-render", "supervise", "supply"} {
			Expect(found).To(HaveKeyWithValue(program, "v9.8.7"))
		}
		Expect(found).To(HaveKeyWithValue("otel-collector", "0.162.0"))
		Expect(found).To(HaveKey("go.opentelemetry.io/collector/component"), "a module of the collector in the archive")
		Expect(found).To(And(HaveKey("std"), HaveKey("github.com/klauspost/compress"), Not(HaveKey("caddy"))))
	})

	it("is the same zip each time, with programs that can be executed", func() {
		again := t.TempDir()
		command := exec.Command("bash", "-c", `umask 077; exec "$0" --cached --version 9.8.7 --output "$1"`, filepath.Join(built.root, "scripts", "package.sh"), again)
		command.Dir = t.TempDir()
		output, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		Expect(strings.HasSuffix(string(output), filepath.Join(again, cached)+"\n")).To(BeTrue(), string(output))
		first, err := os.ReadFile(filepath.Join(zips, cached))
		Expect(err).NotTo(HaveOccurred())
		second, err := os.ReadFile(filepath.Join(again, cached))
		Expect(err).NotTo(HaveOccurred())
		Expect(sha256.Sum256(second)).To(Equal(sha256.Sum256(first)))

		modes, err := exec.Command("unzip", "-Z", filepath.Join(again, cached)).Output()
		Expect(err).NotTo(HaveOccurred())
		for _, program := range []string{"config-server", "detect", "finalize", "release", "supply"} {
			Expect(string(modes)).To(MatchRegexp(`(?m)^-rwxr-xr-x .* bin/` + program + "$"))
		}
	})

	context("failure cases", func() {
		for _, args := range [][]string{{}, {"--version", "x"}, {"--version", "1.2.3", "--stack"}, {"--version", "1.2.3", "--other"}} {
			it("asks for a version: "+strings.Join(args, " "), func() {
				output, err := exec.Command(filepath.Join(built.root, "scripts", "package.sh"), args...).CombinedOutput()
				Expect(err).To(MatchError("exit status 2"))
				Expect(string(output)).To(HavePrefix("usage: scripts/package.sh --version V"))
			})
		}

		it("packages for no stack that the manifest does not know", func() {
			output, err := exec.Command(filepath.Join(built.root, "scripts", "package.sh"), "--version", "1.2.3", "--stack", "cflinuxfs9").CombinedOutput()
			Expect(err).To(MatchError("exit status 1"))
			Expect(string(output)).To(ContainSubstring("Stack `cflinuxfs9` not found in manifest"))
		})
	})
}
