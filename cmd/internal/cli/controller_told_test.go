package cli

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

// told is the output of a command.
type told struct {
	status         int
	stdout, stderr string
}

// differences compares a plan with what Cloud Controller did with the push.
func (s told) differences(step controllerStep) []string {
	var printed struct{ Apps []controller.Plan }
	if err := json.Unmarshal([]byte(s.stdout), &printed); err != nil {
		if step.Refused == nil || (step.Refused.Step != "cli" && step.Refused.Step != "manifest-validation" && !step.Refused.Hidden) {
			return []string{fmt.Sprintf("the file is refused: %s; Cloud Controller: %+v", s.stderr, step.Refused)}
		}
		return s.missing(step.Refused)
	}
	plan := printed.Apps[0]
	switch {
	case step.Refused == nil && len(plan.Refusals) > 0:
		return []string{fmt.Sprintf("refused: %v; Cloud Controller takes it", plan.Refusals)}
	case step.Refused == nil:
		return step.Record.differences(plan)
	case len(plan.Refusals) == 0:
		return []string{fmt.Sprintf("taken; Cloud Controller refuses it: %+v", *step.Refused)}
	}
	first := plan.Refusals[0]
	message, _, _ := strings.Cut(first.Message, "\n")
	if string(first.Step) != step.Refused.Step || first.Hidden != step.Refused.Hidden || !slices.Contains(step.Refused.Messages, message) {
		return []string{fmt.Sprintf("refused: %+v; Cloud Controller: %+v", first, *step.Refused)}
	}
	return nil
}

// missing returns the messages of Cloud Controller that the output lacks.
func (s told) missing(refused *controllerNo) []string {
	var missing []string
	for _, message := range refused.Messages {
		if !strings.Contains(s.stdout+s.stderr, printable.Unended(message)) {
			missing = append(missing, fmt.Sprintf("it does not say %q, but %s%s", message, s.stdout, s.stderr))
		}
	}
	return missing
}

// problems returns the lines that are not notes, except those that contain a text.
func (s told) problems(but string) []string {
	var problems []string
	for line := range strings.Lines(s.stdout) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "note: ") && line != "OK" && !strings.Contains(line, but) {
			problems = append(problems, line)
		}
	}
	return problems
}

// foretold compares what validate says about a push with its result.
func (s told) foretold(push string, refused *controllerNo) []string {
	line := regexp.MustCompile(`(?m)^(?:note: )?x: ` + push + ` fails: (.*)$`).FindStringSubmatch(s.stdout)
	switch {
	case refused == nil && line != nil:
		return []string{line[0] + "; Cloud Controller takes it"}
	case refused == nil:
		return nil
	case refused.Step == "cli" || refused.Step == "manifest-validation" || line == nil && refused.Hidden && refused.Step == "manifest":
		if s.status == 0 {
			return []string{fmt.Sprintf("nothing is wrong with the manifest; Cloud Controller: %+v", *refused)}
		}
		return s.missing(refused)
	case line == nil:
		return []string{fmt.Sprintf("it foresees nothing of %s; Cloud Controller: %+v", push, *refused)}
	}
	shown := slices.ContainsFunc(refused.Messages, func(message string) bool {
		return strings.HasPrefix(line[1], strings.TrimSuffix(strings.TrimSpace(message), "."))
	})
	if !shown || strings.Contains(line[1], "The user sees a server error") != refused.Hidden {
		return []string{fmt.Sprintf("%s; Cloud Controller: %+v", line[0], *refused)}
	}
	return nil
}

// missingStale compares what validate says about stale sidecars with those on record after the
// second push of a case.
func (s told) missingStale(one controllerCase) []string {
	record, second := one.Steps[1].Record, one.Steps[1].Push
	var declared, recorded, lost, stale, idle []string
	for _, name := range regexp.MustCompile(`(?m)^  - \{name: "?([^",}]*)"?`).FindAllStringSubmatch(second.Manifest, -1) {
		declared = append(declared, unicodeEscapes(name[1]))
	}
	for _, sidecar := range second.Sidecars {
		declared = append(declared, sidecar.Name)
	}
	kept := map[string]int{}
	for _, sidecar := range record.Sidecars {
		recorded = append(recorded, sidecar.Name)
		if sidecar.Origin == string(controller.OriginUser) && !slices.Contains(declared, sidecar.Name) {
			stale = append(stale, sidecar.Name)
		}
		if !slices.ContainsFunc(record.Processes, func(p controllerProcess) bool { return slices.Contains(sidecar.ProcessTypes, p.Type) }) {
			idle = append(idle, sidecar.Name)
		}
		if sidecar.Memory != nil {
			kept[sidecar.Name] = *sidecar.Memory
		}
	}
	for _, name := range declared {
		if !slices.Contains(recorded, name) {
			lost = append(lost, name)
		}
	}
	var differences []string
	for pattern, want := range map[string][]string{
		`the next push loses sidecar "(.*?)"`:      lost,
		`Sidecar "(.*?)" is not declared any more`: stale,
		`Sidecar "(.*?)" runs nowhere`:             idle,
	} {
		if found := s.names(pattern); !slices.Equal(found, distinct(want)) {
			differences = append(differences, fmt.Sprintf("%s: found %q; Cloud Controller: %q", pattern, found, want))
		}
	}
	for _, match := range regexp.MustCompile(`Sidecar "(.*?)" states no memory any more, and keeps the (\S+) that`).FindAllStringSubmatch(s.stdout, -1) {
		if size, err := memory.ParseWithUnit(match[2]); err != nil || int(size) != kept[match[1]] {
			differences = append(differences, fmt.Sprintf("%s; Cloud Controller: %d", match[0], kept[match[1]]))
		}
	}
	running := slices.ContainsFunc(record.Processes, func(p controllerProcess) bool { return p.Instances > 0 && p.Command == "" })
	if strings.Contains(s.stdout, "no start command") != running {
		differences = append(differences, fmt.Sprintf("it says of a start command: %v; Cloud Controller has a running process without one: %v", !running, running))
	}
	return differences
}

func (s told) names(pattern string) []string {
	var names []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(s.stdout, -1) {
		names = append(names, match[1])
	}
	return distinct(names)
}

func distinct(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// unicodeEscapes decodes the escapes of a double-quoted YAML text.
func unicodeEscapes(text string) string {
	var read string
	if json.Unmarshal([]byte(`"`+text+`"`), &read) != nil {
		return text
	}
	return read
}

// differences compares a plan with a record.
func (r *controllerRecord) differences(plan controller.Plan) []string {
	var found, want []string
	for _, process := range plan.Processes {
		found = append(found, fmt.Sprintf("process %q: command %q, %d instances, %d MB", process.Type, process.Command, process.Instances, process.Memory))
		for _, sidecar := range process.Sidecars {
			found = append(found, fmt.Sprintf("process %q: %s sidecar %q: command %q, %d MB", process.Type, sidecar.Origin, sidecar.Name, sidecar.Command, sidecar.Memory))
		}
	}
	for _, process := range r.Processes {
		want = append(want, fmt.Sprintf("process %q: command %q, %d instances, %d MB", process.Type, process.Command, process.Instances, process.Memory))
		for _, sidecar := range r.Sidecars {
			if !slices.Contains(sidecar.ProcessTypes, process.Type) {
				continue
			}
			size := 0
			if sidecar.Memory != nil {
				size = *sidecar.Memory
			}
			want = append(want, fmt.Sprintf("process %q: %s sidecar %q: command %q, %d MB", process.Type, sidecar.Origin, sidecar.Name, sidecar.Command, size))
		}
	}
	slices.Sort(found)
	slices.Sort(want)
	if !slices.Equal(found, want) {
		return []string{fmt.Sprintf("planned %q; Cloud Controller: %q", found, want)}
	}
	return nil
}
