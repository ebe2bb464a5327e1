package cli

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
)

// doubledPunctuation finds a message that was inserted into another one with its own punctuation.
var doubledPunctuation = regexp.MustCompile(`[^.]\.\.(\s|$)|[:;,]\.(\s|$)|\.[;,]\s|:\s*;`)

func testController(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect = NewWithT(t).Expect
		cases  []controllerCase
		dir    string
	)

	it.Before(func() {
		var err error
		cases, err = readControllerCases()
		Expect(err).NotTo(HaveOccurred())
		Expect(cases).To(HaveLen(1178))
		dir = t.TempDir()
	})
	run := func(args ...string) told {
		var stdout, stderr bytes.Buffer
		status := Main(carriedForTests, append([]string{"sidecar"}, args...), nil, &stdout, &stderr)
		if doubled := doubledPunctuation.FindString(stdout.String() + stderr.String()); doubled != "" {
			t.Errorf("%q in the answer to %v", doubled, args)
		}
		return told{status, stdout.String(), stderr.String()}
	}
	// files writes the files of a push, if this buildpack can make its droplet; otherwise ok is
	// false.
	files := func(name string, push *controllerPush) (app string, ok bool) {
		sidecars, ok := push.sidecarsFile()
		app = filepath.Join(dir, name)
		write(t, filepath.Join(app, "manifest.yml"), push.Manifest, 0o600)
		write(t, filepath.Join(app, "sidecars.yml"), sidecars, 0o600)
		write(t, filepath.Join(app, "Procfile"), inYAML(push.Processes)+"\n", 0o600)
		return app, ok
	}
	// walk collects the differences of all cases of a kind, each with the case's ID.
	walk := func(kind func(controllerCase) bool, check func(controllerCase) []string) {
		t.Helper()
		var differences []string
		walked := 0
		for _, one := range cases {
			if !kind(one) {
				continue
			}
			walked++
			for _, difference := range check(one) {
				differences = append(differences, one.ID+": "+difference)
			}
		}
		Expect(walked).To(BeNumerically(">", 100))
		Expect(strings.Join(differences, "\n")).To(BeEmpty(), "%d differences in %d cases", len(differences), walked)
	}
	single := func(one controllerCase) bool { return len(one.Steps) == 1 }

	it("plans a droplet as Cloud Controller has it on record, or refuses it in its words", func() {
		walk(single, func(one controllerCase) []string {
			push := one.Steps[0].Push
			manifest := write(t, filepath.Join(dir, "manifest.yml"), push.Manifest, 0o600)
			write(t, filepath.Join(dir, "droplet", "result.json"), push.stagingResult(), 0o600)
			said := run("plan", "-f", manifest, "-d", filepath.Join(dir, "droplet"), "--output", "json")
			return said.differences(one.Steps[0])
		})
	})

	it("plans the same of the app's files, without a droplet", func() {
		walk(single, func(one controllerCase) []string {
			app, ok := files("app", one.Steps[0].Push)
			if !ok {
				return nil
			}
			said := run("plan", "-f", app, "-p", app, "--output", "json")
			if strings.Contains(said.stderr, "sidecars.yml:") && one.Steps[0].Refused != nil {
				return nil // CF-36: the buildpack refuses what Cloud Controller would fail on
			}
			return said.differences(one.Steps[0])
		})
	})

	it("validates a manifest alone", func() {
		walk(single, func(one controllerCase) []string {
			said := run("validate", write(t, filepath.Join(dir, "manifest.yml"), one.Steps[0].Push.Manifest, 0o600))
			refused := one.Steps[0].Refused
			early := refused != nil && slices.Contains([]string{"cli", "manifest-validation", "manifest"}, refused.Step)
			switch {
			case early && said.status == 0:
				return []string{fmt.Sprintf("nothing is wrong with it; Cloud Controller: %v", refused.Messages)}
			case early:
				return said.missing(refused)
			case len(said.problems(droppedSilently)) > 0:
				return said.problems(droppedSilently)
			default:
				return nil
			}
		})
	})

	it("CF-38 foresees the next push, from what the one before has stored", func() {
		walk(func(one controllerCase) bool { return len(one.Steps) == 2 }, func(one controllerCase) []string {
			before, ok := files("before", one.Steps[0].Push)
			after, alsoOK := files("after", one.Steps[1].Push)
			if !ok || !alsoOK {
				return nil
			}
			said := run("validate", "-f", after, "-p", after, "--previous", before)
			differences := said.foretold("the next push", one.Steps[1].Refused)
			if one.Steps[0].Refused != nil && !strings.Contains(said.stdout, "the previous push was itself refused: ") {
				differences = append(differences, "it does not say that the previous push was refused")
			}
			if one.Steps[1].Record != nil {
				differences = append(differences, said.missingStale(one)...)
			}
			return differences
		})
	})

	it("CF-38, CF-39 foresees a second push and one after a rollback", func() {
		walk(func(one controllerCase) bool {
			return len(one.Steps) == 4 && one.Steps[3].Push != nil && one.Steps[3].Push == one.Steps[0].Push
		}, func(one controllerCase) []string {
			app, ok := files("app", one.Steps[0].Push)
			if !ok {
				return nil
			}
			said := run("validate", "-f", app, "-p", app)
			differences := said.foretold("the first push", one.Steps[0].Refused)
			if one.Steps[0].Refused == nil {
				differences = append(differences, said.foretold("the second push", one.Steps[1].Refused)...)
			}
			if one.Steps[2].Record != nil {
				differences = append(differences, said.foretold("after a rollback, the next push", one.Steps[3].Refused)...)
			}
			return differences
		})
	})
}
