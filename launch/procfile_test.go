package launch_test

import (
	"maps"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

func testProcfile(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	cases := map[string]struct {
		content   string
		processes []launch.Process
	}{
		"its lines, sorted":          {"worker: run worker\nweb: run web --port=$PORT\n", []launch.Process{{Type: "web", Command: "run web --port=$PORT"}, {Type: "worker", Command: "run worker"}}},
		"Windows line ends":          {"web: run\r\nworker: walk\r\n", []launch.Process{{Type: "web", Command: "run"}, {Type: "worker", Command: "walk"}}},
		"numbers as commands":        {"web: 8080\n", []launch.Process{{Type: "web", Command: "8080"}}},
		"the last of a type":         {"web: first\nweb: second\n", []launch.Process{{Type: "web", Command: "second"}}},
		"a command that is missing":  {"web:\n", []launch.Process{{Type: "web"}}},
		"an empty file":              {"", []launch.Process{}},
		"a file with a comment only": {"# later\n", []launch.Process{}},
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		c := cases[name]
		it("CF-07 reads "+name, func() {
			Expect(launch.ParseProcfile([]byte(c.content))).To(Equal(c.processes))
		})
	}

	context("failure cases", func() {
		broken := map[string]string{
			"text that is not a mapping": "run web",
			"a list":                     "- web\n",
			"a list as a command":        "web: [run]\n",
			"broken YAML":                "web: a: b\n",
		}
		for _, name := range slices.Sorted(maps.Keys(broken)) {
			content := broken[name]
			it("refuses "+name+" as the lifecycle does", func() {
				_, err := launch.ParseProcfile([]byte(content))
				Expect(err).To(MatchError(MatchRegexp("^Procfile:[0-9]+: .*found .*; expected ")))
			})
		}
	})
}
