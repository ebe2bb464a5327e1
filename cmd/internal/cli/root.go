package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/suggest"
)

func (t *tool) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "sidecar",
		Short:         "Stage and run apps with their sidecars, on Cloud Foundry's own lifecycle",
		Version:       t.carried.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArguments,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(help())
	root.AddCommand(t.bump(), t.checksum(), t.push(), t.stage(), t.run(), t.new(), t.plan(), t.ps(), t.render(), t.schema(), t.validate(), t.check(), completion())
	t.addCompletions(root)
	return root
}

// help explains the other commands.
func help() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command and its flags",
		RunE: func(c *cobra.Command, args []string) error {
			explained, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return noArguments(c, args)
			}
			return explained.Help()
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commandNames(c.Root()), cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// shells lists the shells with a completion script.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// completion prints a shell's completion script.
func completion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion " + strings.Join(shells, "|"),
		Short: "Print a shell's completion script",
		Long: "Prints a script that lets a shell complete commands, flags, app names, buildpacks, files and other values. Run this\n" +
			"line in the current shell, and add it to the shell's start file for new ones:\n\n" +
			"  bash:        source <(sidecar completion bash)\n" +
			"  zsh:         source <(sidecar completion zsh)\n" +
			"  fish:        sidecar completion fish | source\n" +
			"  powershell:  sidecar completion powershell | Out-String | Invoke-Expression\n\n" +
			"bash needs the package bash-completion.",
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) != 1:
				return usageError{c.CommandPath(), fmt.Errorf("found %d arguments; expected one, the shell: %s", len(args), strings.Join(shells, ", "))}
			case !slices.Contains(shells, args[0]):
				return usageError{c.CommandPath(), fmt.Errorf("there is no completion for %q%s", redact.Text(args[0]),
					suggest.Before(suggest.Name(args[0], shells), "the shells are "+strings.Join(shells, ", ")))}
			}
			return nil
		},
		ValidArgs: shells,
		RunE: func(c *cobra.Command, args []string) error {
			root, to := c.Root(), c.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(to, true)
			case "zsh":
				return root.GenZshCompletion(to)
			case "fish":
				return root.GenFishCompletion(to, true)
			default:
				return root.GenPowerShellCompletionWithDesc(to)
			}
		},
	}
}
