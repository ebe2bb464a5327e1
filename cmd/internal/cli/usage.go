package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// A usageError is an error in the command line.
type usageError struct {
	command string
	err     error
}

func (e usageError) Error() string { return e.err.Error() }

func (e usageError) Unwrap() error { return e.err }

// noArguments refuses all arguments. If the root command gets one, it is an unknown command.
func noArguments(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case c.HasParent() && c.Name() != "help":
		return usageError{c.CommandPath(), fmt.Errorf("found the argument %q; expected none", redact.Text(args[0]))}
	}
	all := commandNames(c.Root())
	return usageError{c.Root().CommandPath(), fmt.Errorf("there is no command %q%s", redact.Text(args[0]),
		suggest.Before(suggest.Name(args[0], all), "the commands are "+strings.Join(all, ", ")))}
}

func commandNames(root *cobra.Command) []string {
	names := []string{"help"}
	for _, c := range root.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// atMostOneName accepts at most one app.
func atMostOneName(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError{c.CommandPath(), fmt.Errorf("found %d arguments; expected at most one, the app's name", len(args))}
	}
	return nil
}

// exclusive refuses two flags that exclude each other.
func exclusive(c *cobra.Command, one, other, why string) error {
	if c.Flags().Changed(one) && c.Flags().Changed(other) {
		return usageError{c.CommandPath(), fmt.Errorf("--%s and --%s cannot be used together: %s", one, other, why)}
	}
	return nil
}
