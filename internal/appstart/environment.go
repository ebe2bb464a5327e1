package appstart

import (
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/shell"
)

// Script returns shell code that sets variables in an app's process, in this order, with the
// functions of the profile script sidecars.sh. If one of them affects the runtimes' limits, it
// removes these first, and sets them again afterwards. It is empty without variables.
func Script(variables []Variable) string {
	var lines strings.Builder
	for _, v := range variables {
		call := "_sidecars_default " + v.Name
		if v.Join != "" {
			call = "_sidecars_" + v.Join + " " + v.Name + " " + shell.Quote(v.Separator)
		}
		value := shell.Expanded(v.Value)
		if v.Literal {
			value = shell.Quote(v.Value)
		}
		lines.WriteString(call + " " + value + "\n")
	}
	if slices.ContainsFunc(variables, bearsOnLimits) {
		return `_sidecars_limits_off "$@"` + "\n" + lines.String() + `_sidecars_limits_on "$@"` + "\n"
	}
	return lines.String()
}

// bearsOnLimits reports whether sidecar-runtime-limits.sh sets a variable, or reads the user's
// settings from it.
func bearsOnLimits(v Variable) bool {
	return slices.Contains(limitVariables, v.Name) || strings.HasPrefix(v.Name, "DOTNET_GCHeapHardLimit") || strings.HasPrefix(v.Name, "COMPlus_GCHeapHardLimit")
}

var limitVariables = []string{"GOMEMLIMIT", "JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "NODE_OPTIONS", "SIDECARS_RUNTIME_LIMITS", "_JAVA_OPTIONS"}

// Export returns shell code that sets a variable to a literal value.
func Export(name, value string) string {
	return "export " + name + "=" + shell.Quote(value) + "\n"
}
