//go:build linux

package supervise

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/supervision"
)

// limitsScript, below the directory of the specs, tells the language runtimes of a
// process what MEMORY_LIMIT leaves them. The launcher has sourced it by the time that
// the supervisor starts (CF-15), and before the app's own scripts.
const limitsScript = "profile.d/sidecar-runtime-limits.sh"

// limitedVariables are those that the script may set.
var limitedVariables = []string{"DOTNET_GCHeapHardLimit", "GOMEMLIMIT", "JAVA_OPTS", "JAVA_TOOL_OPTIONS", "NODE_OPTIONS"}

// setsLimits tells whether one of the variables bears on the limits of the runtimes.
func setsLimits(variables []supervision.Variable) bool {
	return slices.ContainsFunc(variables, func(v supervision.Variable) bool {
		return slices.Contains(limitedVariables, v.Name) || slices.Contains([]string{"JDK_JAVA_OPTIONS", "MEMORY_LIMIT", "SIDECARS_RUNTIME_LIMITS", "_JAVA_OPTIONS"}, v.Name) ||
			strings.HasPrefix(v.Name, "DOTNET_GCHeapHardLimit") || strings.HasPrefix(v.Name, "COMPlus_GCHeapHardLimit")
	})
}

// hasProfile tells whether the app has scripts of its own, which may have replaced what
// the limits script has set.
func hasProfile(environ environment) bool {
	home := environ.lookup("HOME")
	if _, err := os.Stat(filepath.Join(home, ".profile")); err == nil && home != "" {
		return true
	}
	scripts, err := os.ReadDir(filepath.Join(home, ".profile.d"))
	return err == nil && len(scripts) > 0 && home != ""
}

// newLimitedCommand is a command whose runtimes keep their limits: the script sees the
// command's own variables in the place of those that it has set itself. Where they
// state no size, theirs and the limit both count. Where the script cannot be run the
// command has its variables alone, and the error tells why.
func newLimitedCommand(directory string, spec supervision.Spec, args, environ []string) (command, error) {
	return limitCommand(directory, spec, args, environ, nil)
}

// limitCommand is newLimitedCommand for a command whose variables depend on its
// environment: anew tells them for another one. It may be nil.
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

// sourceLimits is the environment that the script makes of another one.
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
