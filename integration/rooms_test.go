package integration_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

const module = "github.com/cloudfoundry-community/sidecar-buildpack"

// rooms are the packages of the project and those of the project that each may
// import; cmd wires them all together, and may import anything.
var rooms = map[string][]string{
	"":                       {},
	"buildpack":              {"detect", "finalize", "internal/artifact", "internal/bindings", "internal/dependency", "internal/family", "internal/install", "internal/judge", "internal/memory", "internal/sidecar", "launch", "supply"},
	"internal/appstart":      {},
	"internal/artifact":      {},
	"internal/bindings":      {},
	"internal/configserver":  {"internal/bindings", "internal/configserver/api", "internal/configserver/cipher", "internal/configserver/credhubsource", "internal/configserver/environment", "internal/configserver/forms", "internal/configserver/gitsource", "internal/configserver/keep", "internal/configserver/onchange", "internal/configserver/plainsource", "internal/configserver/setting", "internal/configserver/springsource", "internal/configserver/vaultsource", "internal/credhub", "internal/vcap"},
	"internal/controller":    {"internal/memory", "internal/sidecar", "launch"},
	"internal/credhub":       {},
	"internal/dependency":    {"internal/artifact", "internal/bindings", "internal/yamlerror"},
	"detect":                 {"internal/sidecar", "launch"},
	"internal/family":        {"internal/dependency", "internal/sidecar", "internal/yamlerror"},
	"finalize":               {"internal/family", "launch"},
	"internal/identity":      {},
	"internal/install":       {"internal/artifact"},
	"integration":            {},
	"internal/javabuildpack": {"internal/controller", "internal/memory", "internal/yamlerror"},
	"internal/judge":         {"internal/appstart", "internal/artifact", "internal/bindings", "internal/controller", "internal/dependency", "internal/javabuildpack", "internal/memory", "internal/render", "internal/sidecar", "internal/startenv", "internal/supervision", "launch"},
	"launch":                 {"internal/memory", "internal/sidecar", "internal/yamlerror"},
	"internal/manifest":      {"internal/bindings", "internal/controller", "internal/memory", "internal/sidecar", "internal/yamlerror", "launch"},
	"internal/memory":        {},
	"internal/otel":          {"internal/vcap"},
	"internal/render":        {"internal/bindings", "internal/credhub", "internal/memory"},
	"internal/sidecar":       {"internal/appstart", "internal/artifact", "internal/bindings", "internal/memory", "internal/supervision", "internal/yamlerror"},
	"internal/standin":       {"internal/family", "internal/sidecar", "internal/yamlerror", "launch"},
	"internal/startenv":      {"internal/bindings", "internal/render", "internal/sidecar", "internal/supervision", "internal/vcap", "launch"},
	"internal/supervise":     {"internal/appstart", "internal/otel", "internal/supervision", "internal/vcap"},
	"internal/supervision":   {},
	"internal/teamservices":  {"internal/bindings", "internal/standin", "internal/yamlerror"},
	"internal/vcap":          {},
	"supply":                 {"internal/appstart", "internal/artifact", "internal/bindings", "internal/dependency", "internal/family", "internal/judge", "internal/memory", "internal/render", "internal/sidecar", "internal/startenv", "internal/supervision", "launch"},

	// Tools for authors of buildpacks.
	"internal/authoring/bump":              {"internal/authoring/published", "internal/dependency", "internal/install", "internal/yamlerror"},
	"internal/authoring/check":             {"internal/authoring/check/dryrun", "internal/authoring/check/finding", "internal/authoring/check/packaged", "internal/authoring/check/report", "internal/authoring/check/source"},
	"internal/authoring/check/dryrun":      {"internal/authoring/check/finding", "internal/authoring/check/packaged", "internal/authoring/check/shellscript", "internal/container", "internal/platform/droplets", "internal/platform/files", "internal/platform/push", "internal/platform/show", "internal/platform/stage", "internal/yamlerror", "launch"},
	"internal/authoring/check/finding":     {},
	"internal/authoring/check/packaged":    {"internal/authoring/check/finding", "internal/authoring/check/shellscript", "internal/bindings", "internal/render", "internal/sidecar", "internal/yamlerror"},
	"internal/authoring/check/report":      {"internal/authoring/check/finding"},
	"internal/authoring/check/shellscript": {},
	"internal/authoring/check/source":      {"internal/platform/files"},
	"internal/authoring/scaffold":          {"internal/artifact", "internal/authoring/published", "internal/install", "internal/memory", "internal/sidecar"},
	"internal/authoring/published":         {"internal/artifact", "internal/install"},

	"internal/container": {},
	"internal/yamlerror": {},

	// The sidecar config-server: each source, and what is made of their answers.
	"internal/configserver/environment":   {},
	"internal/configserver/cipher":        {"internal/bindings", "internal/configserver/environment"},
	"internal/configserver/gitsource":     {"internal/bindings", "internal/configserver/environment", "internal/configserver/setting", "internal/configserver/springlayout"},
	"internal/configserver/springlayout":  {"internal/configserver/environment", "internal/yamlerror"},
	"internal/configserver/springtest":    {},
	"internal/configserver/plainsource":   {"internal/configserver/environment"},
	"internal/configserver/api":           {"internal/configserver/environment", "internal/configserver/forms", "internal/configserver/keep", "internal/configserver/springapi"},
	"internal/configserver/keep":          {"internal/configserver/environment"},
	"internal/configserver/onchange":      {},
	"internal/configserver/setting":       {"internal/bindings"},
	"internal/configserver/springsource":  {"internal/bindings", "internal/configserver/environment", "internal/configserver/setting", "internal/configserver/token"},
	"internal/configserver/credhubsource": {"internal/bindings", "internal/configserver/environment", "internal/configserver/setting", "internal/configserver/token"},
	"internal/configserver/vaultsource":   {"internal/bindings", "internal/configserver/environment", "internal/configserver/setting"},
	"internal/configserver/vaulttest":     {},
	"internal/configserver/token":         {"internal/configserver/environment"},
	"internal/configserver/forms":         {"internal/configserver/environment"},
	"internal/configserver/springapi":     {"internal/configserver/environment", "internal/configserver/forms"},

	// The local platform: stage, run, watch, show, and what these have in common.
	"internal/platform":              {"internal/platform/cell", "internal/platform/run", "internal/platform/stage"},
	"internal/platform/run":          {"internal/controller", "internal/platform/cell", "internal/platform/droplets", "internal/platform/push", "internal/platform/show", "internal/platform/status", "internal/platform/watch", "launch"},
	"internal/platform/cell":         {"internal/bindings", "internal/container", "internal/identity", "internal/memory", "internal/platform/push", "internal/platform/show", "internal/platform/status", "launch"},
	"internal/platform/celltest":     {"internal/platform/cell", "internal/platform/platformtest", "internal/platform/show"},
	"internal/platform/droplets":     {"internal/controller", "internal/family", "internal/platform/files", "internal/platform/push", "launch"},
	"internal/platform/files":        {},
	"internal/platform/platformtest": {"internal/container"},
	"internal/platform/push":         {"internal/bindings", "internal/controller", "internal/manifest", "internal/memory", "internal/platform/files", "internal/standin", "internal/teamservices", "launch"},
	"internal/platform/status":       {"internal/controller", "internal/memory", "internal/supervision", "launch"},
	"internal/platform/show":         {},
	"internal/platform/stage":        {"internal/platform/cell", "internal/platform/droplets", "internal/platform/files", "internal/platform/push", "internal/platform/show", "internal/standin"},
	"internal/platform/watch":        {"internal/controller", "internal/platform/push", "internal/platform/show", "internal/platform/status", "internal/supervision"},

	"scripts/generate": {"internal/authoring/check/finding", "internal/sidecar"},
}

// leaves are packages that every room may import. They know nothing of the project,
// and import none of its packages but other leaves.
var leaves = []string{
	"internal/atomicfile",
	"internal/clock",
	"internal/columns",
	"internal/env",
	"internal/executable",
	"internal/listing",
	"internal/outbound",
	"internal/printable",
	"internal/processtree",
	"internal/redact",
	"internal/regularfile",
	"internal/shell",
	"internal/suggest",
	"internal/testbuild",
	"internal/testmain",
	"internal/testport",
	"internal/testtable",
	"internal/yamlbounds",
}

// forbidden are rooms that must not know a thing, with the packages that would let
// them.
var forbidden = map[string][]string{
	"internal/memory":     {"os", "net", "io/fs", "os/exec"},
	"internal/sidecar":    {"internal/appstart", "os", "net", "net/http", "os/exec", "path/filepath"},
	"launch":              {"net", "net/http", "os/exec"},
	"internal/controller": {"net", "net/http", "os", "os/exec", "path/filepath"},
	"internal/install":    {"github.com/cloudfoundry/libbuildpack"},
	// It changes a text, and fetches by what it is given.
	"internal/authoring/bump": {"net/http", "os", "os/exec"},
	"supply":                  {"net", "net/http"},
	// It would be twice as large.
	"internal/supervise":   {"net/http", "os/exec"},
	"internal/supervision": {"net", "net/http", "os/exec"},
	"internal/appstart":    {"net", "net/http", "os/exec"},
}

func testRooms(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	type listed struct {
		ImportPath, Dir, Name              string
		GoFiles                            []string
		Imports, TestImports, XTestImports []string
	}
	var packages []listed

	it.Before(func() {
		list := exec.Command("go", "list", "-json", "./...")
		list.Dir = built.root
		output, err := list.Output()
		Expect(err).NotTo(HaveOccurred())
		for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
			var p listed
			if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
				break
			}
			packages = append(packages, p)
		}
		Expect(packages).NotTo(BeEmpty())
	})
	room := func(path string) string {
		return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
	}

	it("imports in the directions of the design alone", func() {
		for _, p := range packages {
			name := room(p.ImportPath)
			if strings.HasPrefix(name, "cmd/") {
				continue
			}
			if strings.HasPrefix(name, "examples/") {
				for _, imported := range p.Imports {
					Expect(strings.HasPrefix(imported, module) && imported != module+"/buildpack").To(BeFalse(), "%s imports %s", name, imported)
				}
				continue
			}
			allowed, known := rooms[name]
			known = known || slices.Contains(leaves, name)
			allowed = slices.Concat(allowed, leaves)
			Expect(known).To(BeTrue(), "the package %q is in no room of the table", name)
			for _, imported := range p.Imports {
				if strings.HasPrefix(imported, module) {
					Expect(allowed).To(ContainElement(room(imported)), "imported by %q", name)
				}
				Expect(forbidden[name]).NotTo(ContainElement(imported), "imported by %q", name)
			}
		}
	})

	it("does not import cmd, but from cmd", func() {
		for _, p := range packages {
			if !strings.HasPrefix(room(p.ImportPath), "cmd/") {
				for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
					Expect(imported).NotTo(HavePrefix(module+"/cmd/"), p.ImportPath)
				}
			}
		}
	})

	it("has nothing left by tests that start programs", func() {
		for _, p := range packages {
			imports := slices.Concat(p.TestImports, p.XTestImports)
			starting := []string{"os/exec", "github.com/onsi/gomega/gexec", module + "/internal/configserver/springtest", module + "/internal/configserver/vaulttest"}
			if slices.ContainsFunc(imports, func(imported string) bool { return slices.Contains(starting, imported) }) {
				Expect(imports).To(ContainElement(module+"/internal/testmain"), p.ImportPath)
			}
		}
	})

	it("keeps each command's main to wiring", func() {
		for _, p := range packages {
			if p.Name != "main" || !strings.HasPrefix(room(p.ImportPath), "cmd/") {
				continue
			}
			Expect(p.GoFiles).To(Equal([]string{"main.go"}), p.ImportPath)
			content, err := os.ReadFile(filepath.Join(p.Dir, "main.go"))
			Expect(err).NotTo(HaveOccurred())
			_, code, _ := strings.Cut(string(content), "\n)\n")
			Expect(strings.Count(code, "\n")).To(BeNumerically("<=", 45), p.ImportPath)
		}
	})
}
