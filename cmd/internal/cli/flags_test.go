package cli

import (
	"bytes"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"
	"github.com/spf13/pflag"
)

func testCommandLine(t *testing.T, context spec.G, it spec.S) {
	var (
		Expect         = NewWithT(t).Expect
		stdout, stderr bytes.Buffer
	)

	it.Before(func() {
		stdout.Reset()
		stderr.Reset()
		t.Chdir(t.TempDir())
	})

	run := func(args ...string) int {
		t.Helper()
		return Main(carriedForTests, append([]string{"sidecar"}, args...), nil, &stdout, &stderr)
	}

	for _, one := range []struct{ command, flags string }{
		// A flag is here where it has an effect on the command.
		{"push", "manifest path buildpack start-command memory instances stack buildpack-for strict env env-file var vars-file services port lifecycle"},
		{"stage", "manifest path buildpack memory stack buildpack-for strict env env-file var vars-file services lifecycle output"},
		{"run", "manifest start-command memory instances env env-file var vars-file services lifecycle droplet port"},
		{"plan", "manifest path buildpack start-command memory instances stack buildpack-for strict env env-file var vars-file droplet running output"},
		{"validate", "manifest path buildpack start-command memory instances stack buildpack-for strict env env-file var vars-file previous"},
		{"ps", "output watch"},
		{"help", ""},
		{"completion", ""},
	} {
		it("has no flag that has no effect on "+one.command, func() {
			root := (&tool{carried: carriedForTests, stdout: &stdout}).root()
			root.InitDefaultHelpCmd()
			c, _, err := root.Find([]string{one.command})
			Expect(err).NotTo(HaveOccurred())
			var flags []string
			c.Flags().VisitAll(func(f *pflag.Flag) {
				if f.Name != "help" {
					flags = append(flags, f.Name)
				}
			})
			Expect(flags).To(ConsistOf(strings.Fields(one.flags)))
		})
	}

	it("takes a command's flags before the command, too", func() {
		Expect(run("--lifecycle", "none", "push")).To(Equal(1))
		Expect(stderr.String()).To(ContainSubstring("failed to find the lifecycle"))
	})
}
