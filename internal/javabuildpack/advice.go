package javabuildpack

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

// fewThreads is the number of threads that the advice suggests: enough for an app that answers some
// dozen requests at once.
const fewThreads = 40

// advice lists the possible remedies.
func (c Calculator) advice(reserved controller.Reservations, limit memory.Size, environ []string) string {
	ways := []string{"Give the process more memory"}
	if reserved.Budget().Reserved() > 0 {
		ways = append(ways, "let its sidecars reserve less")
	}
	if c.Threads > fewThreads {
		if way := c.fewerThreads(limit, environ); way != "" {
			ways = append(ways, way)
		}
	}
	last := len(ways) - 1
	if last == 0 {
		return ways[0] + "."
	}
	return strings.Join(ways[:last], ", ") + ", or " + ways[last] + "."
}

// fewerThreads explains how to plan for fewer threads, with the memory that the calculator then
// takes. It keeps the app's other settings. It is empty if the calculator would not take less:
// settings that are ignored now may apply then.
func (c Calculator) fewerThreads(limit memory.Size, environ []string) string {
	p, ok := proposeThreads(environ)
	if !ok {
		return "plan for fewer threads: " + p.setting
	}
	fewer := c
	fewer.Threads = fewThreads
	fewer.configured(append(slices.Clone(environ), p.variable))
	now, _ := c.Regions(limit) // the warning is about these regions
	regions, ok := fewer.Regions(limit)
	if !ok || regions.Sum() >= now.Sum() {
		return ""
	}
	return fmt.Sprintf("plan for fewer threads: with %s in its environment and a restage, the calculator takes %s", p.setting, regions.size())
}

// A proposal is a change to an app's environment: in words, and as NAME=VALUE.
type proposal struct{ setting, variable string }

// proposeThreads proposes few threads. If the Java buildpack would not read the JRE's variable even
// then, it returns false, and says what to do first.
func proposeThreads(environ []string) (proposal, bool) {
	if _, err := strconv.Atoi(env.Get(environ, threadsVariable)); err == nil { // it overrides the other one
		return proposal{fmt.Sprintf("%s: %d", threadsVariable, fewThreads), fmt.Sprintf("%s=%d", threadsVariable, fewThreads)}, true
	}
	name, value := jreVariable(environ)
	merged, quotable, err := mergeThreads(value)
	if err == nil {
		_, err = readMemoryCalculator(merged)
	}
	switch {
	case err != nil:
		return proposal{setting: fmt.Sprintf("mend %s, which the Java buildpack does not read, and state stack_threads: %d in its memory_calculator", name, fewThreads)}, false
	case quotable:
		return proposal{fmt.Sprintf("%s: '%s'", name, merged), name + "=" + merged}, true
	}
	return proposal{fmt.Sprintf("stack_threads: %d added to the memory_calculator of %s", fewThreads, name), name + "=" + merged}, true
}

// mergeThreads adds the number of threads to the value of a JRE's variable, which may be empty.
// quotable is true if the result may be shown, and contains no single quotes.
func mergeThreads(value string) (merged string, quotable bool, err error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(value), &document); err != nil {
		return "", false, err
	}
	root := &yaml.Node{Kind: yaml.MappingNode}
	if len(document.Content) > 0 {
		root = document.Content[0]
	}
	calculator, err := child(root, "memory_calculator", yaml.MappingNode)
	if err != nil {
		return "", false, err
	}
	threads, err := child(calculator, "stack_threads", yaml.ScalarNode)
	if err != nil {
		return "", false, err
	}
	*threads = yaml.Node{Kind: yaml.ScalarNode, Value: strconv.Itoa(fewThreads)}
	root.Style = yaml.FlowStyle
	quotable = isPlain(root, "")
	text, err := yaml.Marshal(root)
	return strings.TrimSpace(string(text)), quotable, err
}

// child returns the value of a key. If the mapping does not have the key, or it is null, child adds
// it.
func child(mapping *yaml.Node, key string, kind yaml.Kind) (*yaml.Node, error) {
	if mapping.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("found no mapping in line %d", mapping.Line)
	}
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value != key {
			continue
		}
		found := mapping.Content[i+1]
		if found.ShortTag() == "!!null" {
			*found = yaml.Node{Kind: kind}
		}
		return found, nil
	}
	added := &yaml.Node{Kind: kind}
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, added)
	return added, nil
}

// shown are the keys whose values may be shown: a repository_root may have a password.
var (
	shown      = regexp.MustCompile(`^(jre(\.version)?|memory_calculator(\.(stack_threads|class_count|headroom|version))?)$`)
	plainValue = regexp.MustCompile(`^[-0-9A-Za-z._+*]*$`)
)

// isPlain reports whether a mapping may be shown completely. It removes single quotes.
func isPlain(mapping *yaml.Node, prefix string) bool {
	for i := 0; i < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		name := prefix + key.Value
		if !shown.MatchString(name) || key.Anchor != "" || value.Anchor != "" || key.LineComment+value.LineComment+key.HeadComment+value.HeadComment+key.FootComment != "" {
			return false
		}
		switch {
		case value.Kind == yaml.MappingNode && isPlain(value, name+"."):
		case value.Kind == yaml.ScalarNode && plainValue.MatchString(value.Value):
			if value.Style&yaml.SingleQuotedStyle != 0 {
				value.Style = yaml.DoubleQuotedStyle
			}
		default:
			return false
		}
	}
	return true
}
