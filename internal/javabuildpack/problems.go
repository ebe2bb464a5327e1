package javabuildpack

import (
	"fmt"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/redact"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/yamlerror"
)

const (
	wantThreads = "expected a whole number above 0 without quotes, such as 40"
	wantMapping = "expected a mapping such as {memory_calculator: {stack_threads: 40}}"
)

// Problems returns settings in an app's environment that the Java buildpack ignores or that make
// the memory calculator fail, each with the expected value and the consequence (java-buildpack,
// src/java/jres/memory_calculator.go, LoadConfig).
func Problems(environ []string) []string {
	name, value := jreVariable(environ)
	problems := settingProblems(name, value)
	for _, one := range []struct {
		variable, want string
		maximum        int
	}{
		{threadsVariable, "expected a whole number above 0, such as 40", 0},
		{headRoomVariable, "expected a percentage from 0 to 100", 100},
	} {
		stated := env.Get(environ, one.variable)
		number, err := strconv.Atoi(stated)
		outcome := ""
		switch {
		case stated == "":
		case err != nil:
			outcome = "The Java buildpack ignores it."
		case one.maximum == 0 && number <= 0, one.maximum > 0 && number > one.maximum:
			outcome = "The memory calculator refuses it, so the app does not start."
		case number < 0:
			outcome = "The Java buildpack ignores it."
		}
		if outcome != "" {
			problems = append(problems, fmt.Sprintf("%s: found %q; %s. %s", one.variable, redact.Text(stated), one.want, outcome))
		}
	}
	return problems
}

// settingProblems returns the problems of a JRE's variable.
func settingProblems(name, value string) []string {
	const ignored = "The Java buildpack ignores all that it says of the memory calculator."
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(value), &document); err != nil {
		return []string{fmt.Sprintf("%s. %s", yamlerror.Wrap(name, []byte(value), err), ignored)}
	}
	if len(document.Content) == 0 {
		return nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return []string{fmt.Sprintf("%s: found no mapping; %s. %s", name, wantMapping, ignored)}
	}
	var problems []string
	for i := 0; i < len(root.Content); i += 2 {
		switch calculator := root.Content[i+1]; {
		case root.Content[i].Value != "memory_calculator" || calculator.ShortTag() == "!!null":
		case calculator.Kind != yaml.MappingNode:
			problems = append(problems, fmt.Sprintf("%s: memory_calculator: found no mapping; %s. %s", name, wantMapping, ignored))
		default:
			problems = append(problems, calculatorProblems(name, calculator, ignored)...)
		}
	}
	if _, err := readMemoryCalculator(value); err != nil && len(problems) == 0 {
		problems = append(problems, fmt.Sprintf("%s. %s", yamlerror.Wrap(name, []byte(value), err), ignored))
	}
	return problems
}

// calculatorProblems returns the problems of its memory_calculator.
func calculatorProblems(name string, calculator *yaml.Node, ignored string) []string {
	wanted := map[string]string{
		"stack_threads": wantThreads,
		"class_count":   "expected a whole number without quotes, such as 15000",
		"headroom":      "expected a percentage from 0 to 100 without quotes, such as 5",
	}
	var problems []string
	for i := 0; i < len(calculator.Content); i += 2 {
		key, value := calculator.Content[i].Value, calculator.Content[i+1]
		want, known := wanted[key]
		if !known || value.ShortTag() == "!!null" {
			continue
		}
		var number int
		outcome := ""
		switch err := value.Decode(&number); {
		case err != nil:
			outcome = ignored
		case number < 0, number == 0 && key == "stack_threads":
			outcome = "The Java buildpack ignores it."
		case number > 100 && key == "headroom":
			outcome = "The memory calculator refuses it, so the app does not start."
		}
		if outcome != "" {
			problems = append(problems, fmt.Sprintf("%s: memory_calculator.%s: found %s; %s. %s", name, key, foundText(value), want, outcome))
		}
	}
	return problems
}

func foundText(value *yaml.Node) string {
	switch {
	case value.Kind == yaml.MappingNode:
		return "a mapping"
	case value.Kind == yaml.SequenceNode:
		return "a list"
	case value.ShortTag() == "!!str":
		return strconv.Quote(redact.Text(value.Value))
	}
	return redact.Text(value.Value)
}
