package standin

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// node starts an app with npm start (nodejs-buildpack, bin/detect and bin/release).
var node = Buildpack{
	Name: "nodejs_buildpack", language: "nodejs",
	runtime: runtime{
		title: "Node.js", programs: []string{"node", "nodejs"},
		ask: []string{"-e", "console.log(process.execPath); console.log(process.versions.node)"},
	},
	accepts: func(a App) bool { return a.has("package.json") },
	start:   startNode,
	supply:  supplyNode,
}

// A nodePackage has the parts of a package.json that matter here.
type nodePackage struct {
	Scripts              map[string]any `json:"scripts"`
	Dependencies         map[string]any `json:"dependencies"`
	OptionalDependencies map[string]any `json:"optionalDependencies"`
}

func readNodePackage(a App) nodePackage {
	var p nodePackage
	_ = json.Unmarshal([]byte(readPackageFile(a)), &p) // npm reports errors
	return p
}

// checkNodePackage refuses a package.json that the buildpack cannot read (nodejs-buildpack,
// src/nodejs/package_json, LoadPackageJSON, and src/nodejs/finalize, ReadPackageJSON).
func checkNodePackage(content string) error {
	var document struct {
		Scripts struct {
			Start string `json:"start"`
		} `json:"scripts"`
		Engines struct {
			Node string `json:"node"`
			Yarn string `json:"yarn"`
			NPM  string `json:"npm"`
		} `json:"engines"`
	}
	err := json.Unmarshal([]byte(content), &document)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		line := 1 + strings.Count(content[:min(int(syntax.Offset), len(content))], "\n")
		return fmt.Errorf("package.json:%d: found no JSON: %s", line, strings.TrimPrefix(syntax.Error(), "json: "))
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf(`package.json: found a JSON %s; expected an object such as {"scripts": {"start": "node server.js"}}`, kind.Value)
	case errors.As(err, &kind):
		want := "a string"
		if kind.Type.Kind() == reflect.Struct {
			want = "an object"
		}
		return fmt.Errorf("package.json: %s: found a JSON %s; expected %s", kind.Field, kind.Value, want)
	}
	return err
}

// readPackageFile returns the content of package.json, without a byte order mark.
func readPackageFile(a App) string { return strings.TrimPrefix(a.read("package.json"), "\ufeff") }

// startNode returns npm start or, without npm, the command that npm would run. Debian's package
// nodejs does not include npm.
func startNode(a App) (string, error) {
	if _, found := a.Find("npm"); found {
		return "npm start", nil
	}
	if script, ok := readNodePackage(a).Scripts["start"].(string); ok {
		return script, nil
	}
	if a.has("server.js") {
		return "node server.js", nil
	}
	return "", nil
}

// supplyNode installs the packages of package.json, if the app has no node_modules.
func supplyNode(s *supplier) error {
	s.script("export NODE_ENV=${NODE_ENV:-production}", `export PATH="$PATH:$HOME/bin:$HOME/node_modules/.bin"`)
	a := s.app()
	if a.has("package.json") {
		if err := checkNodePackage(readPackageFile(a)); err != nil {
			return err
		}
	}
	p := readNodePackage(a)
	if a.isDir("node_modules") || len(p.Dependencies)+len(p.OptionalDependencies) == 0 {
		return nil
	}
	npm, found := a.Find("npm")
	if !found {
		s.log.Warning("The packages of package.json are not installed: there is no npm on PATH. Install npm, or have node_modules in the app.")
		return nil
	}
	install := "install"
	if a.has("package-lock.json", "npm-shrinkwrap.json") {
		install = "ci"
	}
	return s.run(npm, install, "--omit=dev", "--no-audit", "--no-fund")
}
