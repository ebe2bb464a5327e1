package supply

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// environmentScript is the profile script with the variables that sidecars have
// for the processes beside them.
const environmentScript = "sidecar-environment.sh"

// writeEnvironment leaves that script, where there are any.
func (s *Supplier) writeEnvironment(sidecars []sidecar.Definition) error {
	script := environment(sidecars)
	if script == "" {
		return nil
	}
	if err := s.Stager.WriteProfileD(environmentScript, script); err != nil {
		return fmt.Errorf("failed to write the profile script %s: %w", environmentScript, err)
	}
	return nil
}

// environment is the script. What somebody has set stays.
func environment(sidecars []sidecar.Definition) string {
	var script strings.Builder
	for _, d := range sidecars {
		if len(d.AppEnv) == 0 {
			continue
		}
		fmt.Fprintf(&script, "# for sidecar %q\n", d.Name)
		fmt.Fprintf(&script, "case ${VCAP_APPLICATION-} in\n%s)\n", strings.Join(beside(d.ProcessTypes), " | "))
		for _, v := range d.AppEnv {
			fmt.Fprintf(&script, "  if [ -z \"${%[1]s+set}\" ]; then\n    export %[1]s=%[2]s\n  fi\n", v.Name, expanded(v.Value))
		}
		script.WriteString("  ;;\nesac\n")
	}
	return script.String()
}

// beside are patterns of the VCAP_APPLICATION of the process types, and of one
// that does not tell.
func beside(processTypes []string) []string {
	patterns := []string{"''"}
	for _, t := range processTypes {
		quoted, err := json.Marshal(t)
		if err != nil {
			continue // no text is refused
		}
		for _, separator := range []string{":", ": "} {
			patterns = append(patterns, "*"+singleQuoted(`"process_type"`+separator+string(quoted))+"*")
		}
	}
	return patterns
}

var reference = regexp.MustCompile(`\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})`)

// singleQuoted quotes a text for the shell.
func singleQuoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// expanded quotes a text for the shell, but for its references to variables.
func expanded(text string) string {
	quoted, at := "", 0
	for _, match := range reference.FindAllStringIndex(text, -1) {
		name := strings.Trim(text[match[0]:match[1]], "${}")
		quoted += singleQuoted(text[at:match[0]]) + `"${` + name + `-}"`
		at = match[1]
	}
	return quoted + singleQuoted(text[at:])
}
