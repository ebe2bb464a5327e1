package standin

import (
	"encoding/json"
)

// node starts an app by npm start (nodejs-buildpack, bin/detect and bin/release).
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

// A nodePackage is what counts here of a package.json.
type nodePackage struct {
	Scripts              map[string]any `json:"scripts"`
	Dependencies         map[string]any `json:"dependencies"`
	OptionalDependencies map[string]any `json:"optionalDependencies"`
}

func readNodePackage(a App) nodePackage {
	var p nodePackage
	_ = json.Unmarshal([]byte(a.read("package.json")), &p) // npm says what is wrong with it
	return p
}

// startNode is npm start, or what that would run where there is no npm. Debian's package
// nodejs is one without it.
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

// supplyNode installs what package.json names, where the app has no node_modules.
func supplyNode(s *supplier) error {
	s.script("export NODE_ENV=${NODE_ENV:-production}", `export PATH="$PATH:$HOME/bin:$HOME/node_modules/.bin"`)
	a := s.app()
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
