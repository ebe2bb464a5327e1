package cli

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

//go:embed testdata/cloud-controller/cases.jsonl
var controllerCases []byte

// A controllerCase is what Cloud Controller did with one or several pushes. The README next to the
// cases describes their format.
type controllerCase struct {
	ID    string           `json:"id"`
	Steps []controllerStep `json:"steps"`
}

type controllerStep struct {
	Push     *controllerPush   `json:"push"`
	Rollback *int              `json:"rollback"`
	Record   *controllerRecord `json:"record"`
	Refused  *controllerNo     `json:"refused"`
}

type controllerPush struct {
	again     bool
	Manifest  string
	Processes map[string]string
	Sidecars  []controllerSidecar
}

// A controllerSidecar is a sidecar of a droplet or, with an origin, of a record.
type controllerSidecar struct {
	Name, Command, Origin string
	ProcessTypes          []string
	Memory                *int
}

type controllerRecord struct {
	again     bool
	Processes []controllerProcess
	Sidecars  []controllerSidecar
}

type controllerProcess struct {
	Type, Command     string
	Instances, Memory int
}

// A controllerNo is a refusal. Step is cli, manifest-validation, manifest, staging, droplet or
// rollback.
type controllerNo struct {
	Step     string
	Hidden   bool
	Messages []string
}

// readControllerCases reads all cases, and expands their abbreviations.
func readControllerCases() ([]controllerCase, error) {
	var all []controllerCase
	lines := bufio.NewScanner(bytes.NewReader(controllerCases))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one controllerCase
		if err := json.Unmarshal([]byte(unfold(lines.Text())), &one); err != nil {
			return nil, fmt.Errorf("case %d: %w", len(all)+1, err)
		}
		var last *controllerPush
		for i := range one.Steps {
			step := &one.Steps[i]
			if step.Push != nil && step.Push.again {
				step.Push = last
			}
			if step.Push != nil {
				last = step.Push
			}
			if step.Record != nil && step.Record.again {
				step.Record = one.Steps[i-1].Record
			}
		}
		all = append(all, one)
	}
	return all, lines.Err()
}

var folded = regexp.MustCompile(`⟨([^⟨⟩]+)×([0-9]+)⟩`)

func unfold(text string) string {
	return folded.ReplaceAllStringFunc(text, func(whole string) string {
		match := folded.FindStringSubmatch(whole)
		count, _ := strconv.Atoi(match[2])
		return strings.Repeat(match[1], count)
	})
}

// tuple reads a list of values of different types. The last value is optional.
func tuple(content []byte, into ...any) error {
	var items []json.RawMessage
	if err := json.Unmarshal(content, &items); err != nil {
		return err
	}
	if len(items) > len(into) {
		return fmt.Errorf("found %d values; expected at most %d", len(items), len(into))
	}
	var problems []error
	for i, item := range items {
		problems = append(problems, json.Unmarshal(item, into[i]))
	}
	return errors.Join(problems...)
}

func (p *controllerPush) UnmarshalJSON(content []byte) error {
	if string(content) == `"again"` {
		p.again = true
		return nil
	}
	var sidecars []dropletSidecar
	err := tuple(content, &p.Manifest, &p.Processes, &sidecars)
	if rest, ok := strings.CutPrefix(p.Manifest, "…"); ok {
		p.Manifest = "applications:\n- name: x\n  buildpacks: [sidecar_buildpack]\n" + rest
	}
	for _, s := range sidecars {
		p.Sidecars = append(p.Sidecars, controllerSidecar(s))
	}
	return err
}

// A dropletSidecar is a sidecar of a droplet.
type dropletSidecar controllerSidecar

func (s *dropletSidecar) UnmarshalJSON(content []byte) error {
	return tuple(content, &s.Name, &s.Command, &s.ProcessTypes, &s.Memory)
}

func (s *controllerSidecar) UnmarshalJSON(content []byte) error {
	return tuple(content, &s.Name, &s.Command, &s.Origin, &s.ProcessTypes, &s.Memory)
}

func (p *controllerProcess) UnmarshalJSON(content []byte) error {
	return tuple(content, &p.Type, &p.Command, &p.Instances, &p.Memory)
}

func (r *controllerRecord) UnmarshalJSON(content []byte) error {
	if string(content) == `"as before"` {
		r.again = true
		return nil
	}
	return tuple(content, &r.Processes, &r.Sidecars)
}

func (n *controllerNo) UnmarshalJSON(content []byte) error {
	var all []string
	if err := json.Unmarshal(content, &all); err != nil {
		return err
	}
	n.Step, n.Hidden = strings.CutSuffix(all[0], ", hidden")
	n.Messages = all[1:]
	return nil
}
