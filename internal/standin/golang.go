package standin

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/shell"
)

// golang compiles the app, and starts the result (go-buildpack, bin/detect and src/go/finalize).
var golang = Buildpack{
	Name: "go_buildpack", language: "go",
	runtime: runtime{
		title: "Go", programs: []string{"go"}, ask: []string{"env", "GOROOT", "GOVERSION"},
		parse: func(output string) (path, version string) {
			root, version, _ := strings.Cut(strings.TrimSpace(output), "\n")
			return root + "/bin/go", strings.TrimPrefix(version, "go")
		},
	},
	accepts: func(a App) bool {
		return a.has("go.mod", "Godeps/Godeps.json", "vendor/vendor.json", "glide.yaml", "Gopkg.toml", "Godeps", ".godir") ||
			a.contains(2, ".go") && (a.isDir("vendor") || a.Getenv("GOPACKAGENAME") != "")
	},
	start: func(App) (string, error) { return "", nil }, // known after the app is compiled
	build: buildGo,
}

// buildGo compiles the packages of GO_INSTALL_PACKAGE_SPEC, or the app's root, into its bin. The
// start command is the first program.
func buildGo(s *supplier) error {
	packages := strings.Fields(s.getenv("GO_INSTALL_PACKAGE_SPEC"))
	if len(packages) == 0 {
		packages = []string{"."}
	}
	bin := filepath.Join(s.build, "bin")
	s.environ = append(s.environ, "GOBIN="+bin, "GOFLAGS="+strings.TrimSpace(s.getenv("GOFLAGS")+" -buildvcs=false"))
	if !s.app().has("go.mod") {
		s.environ = append(s.environ, "GO111MODULE=off")
	}
	target, err := s.output(s.found.path, "list", "-f", "{{.Target}}", packages[0])
	if err != nil {
		return s.explainPackage(packages[0], err)
	}
	s.command = shell.Word("./bin/" + filepath.Base(target))
	return s.run(s.found.path, append([]string{"install", "-tags", "cloudfoundry"}, packages...)...)
}

// explainPackage lists the packages to compile if the app's root is not one, and nothing names
// another one (go-buildpack, src/go/finalize, SetInstallPackages).
func (s *supplier) explainPackage(name string, failed error) error {
	if name != "." || !strings.Contains(failed.Error(), "no Go files") {
		return failed
	}
	example := "./cmd/NAME"
	if list, err := s.output(s.found.path, "list", "-f", "{{if eq .Name \"main\"}}{{.ImportPath}} {{.Dir}}{{end}}", "./..."); err == nil {
		var found []string
		for _, line := range strings.Split(list, "\n") {
			_, directory, _ := strings.Cut(strings.TrimSpace(line), " ")
			if relative, err := filepath.Rel(s.build, directory); err == nil && directory != "" {
				found = append(found, "./"+filepath.ToSlash(relative))
			}
		}
		if len(found) > 0 {
			example = strings.Join(found, " ")
		}
	}
	return fmt.Errorf("the app's root has no Go files; expected the packages to compile in GO_INSTALL_PACKAGE_SPEC, the first of which is started, such as GO_INSTALL_PACKAGE_SPEC: %s", shell.Word(example))
}
