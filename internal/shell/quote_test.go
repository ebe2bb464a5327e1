package shell_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/shell"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m.Run)) }

// FuzzQuote has a real shell read what was quoted.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "a b", "it's", `\`, "$A ${A} $", "`id`", "$(id)", "\n\t*~", "é\xff", "'\"'", "-n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsRune(text, 0) {
			t.Skip("no argument holds a NUL")
		}
		const script = `A=value; printf '%s\0%s' `
		output, err := exec.Command("sh", "-euc", script+shell.Quote(text)+" "+shell.Expanded(text)).Output()
		if err != nil {
			t.Fatal(err)
		}
		quoted, expanded, _ := strings.Cut(string(output), "\x00")
		if quoted != text {
			t.Errorf("%q became %q", text, quoted)
		}
		if !strings.Contains(text, "$") && expanded != text {
			t.Errorf("%q was expanded to %q", text, expanded)
		}
	})
}

func TestExpanded(t *testing.T) {
	output, err := exec.Command("sh", "-euc", `A=value; printf %s `+shell.Expanded(`it's $A, ${A}, $NONE, $(id), ${A and $`)).Output()
	if err != nil || string(output) != "it's value, value, , $(id), ${A and $" {
		t.Errorf("found %q, %v", output, err)
	}
}
