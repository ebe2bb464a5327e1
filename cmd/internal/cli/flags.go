package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

// A wholeNumber is a flag's value: a whole number within limits.
type wholeNumber struct {
	into           *int
	least, maximum int
	want           string
}

// Set parses the number. Its error says what is expected.
func (n *wholeNumber) Set(text string) error {
	value, err := strconv.Atoi(text)
	if err != nil || value < n.least || value > n.maximum {
		return errors.New("expected " + n.want)
	}
	*n.into = value
	return nil
}

func (n *wholeNumber) String() string { return strconv.Itoa(*n.into) }

// Type names the kind of value for pflag.
func (n *wholeNumber) Type() string { return "number" }

// A choice is a flag's value: one of several words.
type choice struct {
	into *string
	of   []string
}

// Set accepts one of the words. Its error lists them.
func (c *choice) Set(text string) error {
	if !slices.Contains(c.of, text) {
		return errors.New(strings.TrimPrefix(suggest.Before(suggest.Name(text, c.of), "expected "+strings.Join(c.of, " or ")), "; "))
	}
	*c.into = text
	return nil
}

func (c *choice) String() string { return *c.into }

// Type names the kind of value for pflag.
func (c *choice) Type() string { return "word" }

// The output formats of plan, ps and render.
const (
	outputText = "text"
	outputJSON = "json"
)

// addOutput adds the flag --output, whose default is text.
func addOutput(c *cobra.Command, output *string, usage string) {
	*output = outputText
	c.Flags().Var(&choice{output, []string{outputText, outputJSON}}, "output", usage)
}

// flagError explains an error in a command's flags: what was found, and what was expected.
func flagError(c *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	var valueless *pflag.ValueRequiredError
	var unknown *pflag.NotExistError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &invalid):
		want := errors.Unwrap(invalid).Error()
		if invalid.GetFlag().Value.Type() == "bool" {
			want = "expected true or false, or nothing"
		}
		err = fmt.Errorf("--%s: found %q; %s", invalid.GetFlag().Name, redact.Text(invalid.GetValue()), want)
	case errors.As(err, &valueless):
		value, _ := pflag.UnquoteUsage(valueless.GetFlag())
		err = fmt.Errorf("--%s needs a value: %s", valueless.GetFlag().Name, value)
	case errors.As(err, &unknown):
		err = errors.New(unknownFlag(c, unknown))
	case errors.As(err, &syntax):
		err = fmt.Errorf("found %q; expected --NAME or --NAME=VALUE", redact.Text(syntax.GetSpecifiedFlag()))
	}
	return usageError{c.CommandPath(), err}
}

// unknownFlag explains an unknown flag: it belongs to another command, or resembles a known one.
func unknownFlag(c *cobra.Command, unknown *pflag.NotExistError) string {
	name := unknown.GetSpecifiedName()
	find, flag := (*pflag.FlagSet).Lookup, "--"+redact.Name(name)
	if group := unknown.GetSpecifiedShortnames(); group != "" {
		if long, _, _ := strings.Cut(group, "="); c.Flags().Lookup(long) != nil {
			return fmt.Sprintf("there is no flag -%s; did you mean --%s?", long, long)
		}
		find, flag = (*pflag.FlagSet).ShorthandLookup, "-"+name[:1]
	}
	var others []string
	for _, other := range c.Root().Commands() {
		if other != c && find(other.Flags(), name) != nil {
			others = append(others, other.Name())
		}
	}
	if len(others) > 0 {
		return fmt.Sprintf("%s is a flag of %s, and has no effect on %s", flag, strings.Join(others, ", "), c.Name())
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if meant := suggest.Name(name, known); meant != "" && len(name) > 1 {
		return fmt.Sprintf("there is no flag %s; did you mean --%s?", flag, meant)
	}
	return fmt.Sprintf("there is no flag %s", flag)
}
