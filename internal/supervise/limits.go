//go:build linux

package supervise

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// limitsScript, below the directory of the specs, sets the memory limits of the process's language
// runtimes by MEMORY_LIMIT. The launcher sources it before the supervisor starts (CF-15), and
// before the app's own scripts.
const limitsScript = "profile.d/sidecar-runtime-limits.sh"

// limitedVariables lists the variables that the script may set.
var limitedVariables = []string{"DOTNET_GCHeapHardLimit", "GOMEMLIMIT", "JAVA_OPTS", "JAVA_TOOL_OPTIONS", "NODE_OPTIONS"}

// setsLimits reports whether any of the variables affects the runtimes' limits.
func setsLimits(variables []supervision.Variable) bool {
	return slices.ContainsFunc(variables, func(v supervision.Variable) bool {
		return slices.Contains(limitedVariables, v.Name) || slices.Contains([]string{"JDK_JAVA_OPTIONS", "MEMORY_LIMIT", "SIDECARS_RUNTIME_LIMITS", "_JAVA_OPTIONS"}, v.Name) ||
			strings.HasPrefix(v.Name, "DOTNET_GCHeapHardLimit") || strings.HasPrefix(v.Name, "COMPlus_GCHeapHardLimit")
	})
}

// hasProfile reports whether the app has profile scripts of its own, which may have overwritten
// what the limits script set.
func hasProfile(environ environment) bool {
	home := environ.lookup("HOME")
	if _, err := os.Stat(filepath.Join(home, ".profile")); err == nil && home != "" {
		return true
	}
	scripts, err := os.ReadDir(filepath.Join(home, ".profile.d"))
	return err == nil && len(scripts) > 0 && home != ""
}

// newLimitedCommand makes a command whose runtimes keep their limits: the script runs again and
// sees the command's own variables in place of those that it set itself. If the command's own
// states no size, both its value and the limit apply. If the script cannot run, the command only
// has its own variables, and the error says why.
func newLimitedCommand(directory string, spec supervision.Spec, args, environ []string) (command, error) {
	return limitCommand(directory, spec, args, environ, nil)
}

// limitCommand is newLimitedCommand for a command whose variables depend on its environment: anew
// returns them for another environment. It may be nil.
func limitCommand(directory string, spec supervision.Spec, args, environ []string, anew func(environ []string) ([]supervision.Variable, error)) (command, error) {
	script := filepath.Join(directory, limitsScript)
	withoutLimits := newCommand(spec, args, environ)
	if _, err := os.Stat(script); err != nil || !setsLimits(spec.Env) && !hasProfile(environ) {
		return withoutLimits, nil
	}
	without, err := sourceLimits(script, "_sidecars_limits=lift; ", args, environ)
	if err != nil {
		return withoutLimits, err
	}
	if anew != nil {
		if spec.Env, err = anew(without); err != nil {
			return withoutLimits, err
		}
	}
	limited := newCommand(spec, args, without)
	if limited.environ, err = sourceLimits(script, "", args, limited.environ); err != nil {
		return withoutLimits, err
	}
	return limited, nil
}

// sourceLimits returns the environment after the script has run in environ.
func sourceLimits(script, before string, args []string, environ environment) (environment, error) {
	const printNames = `; for name in "${names[@]}"; do if [ -n "${!name+set}" ]; then printf '%s=%s\0' "$name" "${!name}"; fi; done`
	names := "names=(" + strings.Join(limitedVariables, " ") + ")"
	variables, err := printedVariables(append([]string{shell, "--norc", "-c", before + `. "$0"; ` + names + printNames, script}, args...), environ)
	if err != nil {
		return nil, err
	}
	environ = slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(limitedVariables, name)
	})
	for _, v := range variables {
		environ = environ.set(v.Name, v.Value)
	}
	return environ, nil
}
