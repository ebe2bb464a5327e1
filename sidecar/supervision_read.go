package sidecar

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	readinessKey = "readiness-health-check"
	healthKey    = "health-check"
	// maxSeconds is the most that a time may be: a day.
	maxSeconds = 24 * 60 * 60
	// maxStopTimeout is what the platform's ten seconds leave, in seconds.
	maxStopTimeout = 9
	maxRestarts    = 1_000_000
)

// supervisionFields are those that the app manifest does not have.
var supervisionFields = slices.Concat([]field{
	{key: EnvKey, read: readEnv, fromVariable: yamlNode},
	{key: "work-dir", read: readWorkDir, fromVariable: textNode},
	{key: "port", read: readPort, fromVariable: textNode},
	{key: "hold-app", read: boolean("hold-app", func(e *entry) **bool { return &e.holdApp }), fromVariable: textNode},
	{key: "timeout", read: number("timeout", maxSeconds, "of seconds", func(e *entry) **int { return &e.timeout }), fromVariable: textNode},
	{key: "depends-on", read: readDependsOn, fromVariable: listNode},
	{key: "restart", read: readRestart, fromVariable: textNode},
	{key: "restart-limit", read: number("restart-limit", maxRestarts, "of restarts", func(e *entry) **int { return &e.restartLimit }), fromVariable: textNode},
	{key: "enforce-memory", read: boolean("enforce-memory", func(e *entry) **bool { return &e.enforceMemory }), fromVariable: textNode},
	{key: "stop-after-app", read: boolean("stop-after-app", func(e *entry) **bool { return &e.stopAfterApp }), fromVariable: textNode},
	{key: "stop-timeout", read: number("stop-timeout", maxStopTimeout, "of seconds, of the ten that the platform gives in all,", func(e *entry) **int { return &e.stopTimeout }), fromVariable: textNode},
	{key: "proxy", read: boolean("proxy", func(e *entry) **bool { return &e.proxy }), fromVariable: textNode},
},
	checkFields(readinessKey, func(e *entry) *check { return &e.readiness }),
	checkFields(healthKey, func(e *entry) *check { return &e.health }))

// checkFields are the keys of one check.
func checkFields(key string, of func(*entry) *check) []field {
	return []field{
		{key: key + "-type", read: readCheckType(key, of), fromVariable: textNode},
		{key: key + "-http-endpoint", read: readEndpoint(key, of), fromVariable: textNode},
		{key: key + "-interval", read: number(key+"-interval", maxSeconds, "of seconds", func(e *entry) **int { return &of(e).interval }), fromVariable: textNode},
		{key: key + "-invocation-timeout", read: number(key+"-invocation-timeout", maxSeconds, "of seconds", func(e *entry) **int { return &of(e).timeout }), fromVariable: textNode},
	}
}

type reader = func(w *walk, node *yaml.Node, what string, into *entry)

// number reads a whole number from 1 to most.
func number(key string, most int, of string, place func(*entry) **int) reader {
	return func(w *walk, node *yaml.Node, what string, into *entry) {
		number, err := strconv.Atoi(decimal(node))
		if node.Kind != yaml.ScalarNode || err != nil || number < 1 || number > most {
			w.problem(node, what+": "+key, describe(node), fmt.Sprintf("a whole number %s from 1 to %d", of, most))
			return
		}
		*place(into) = &number
	}
}

// boolean reads true or false.
func boolean(key string, place func(*entry) **bool) reader {
	return func(w *walk, node *yaml.Node, what string, into *entry) {
		value, err := strconv.ParseBool(strings.ToLower(node.Value))
		if node.Kind != yaml.ScalarNode || err != nil || len(node.Value) < len("true") {
			w.problem(node, what+": "+key, describe(node), "true or false")
			return
		}
		*place(into) = &value
	}
}

// choice reads one of a few words.
func (w *walk) choice(node *yaml.Node, what string, words ...string) *string {
	if node.Kind != yaml.ScalarNode || !slices.Contains(words, node.Value) {
		last := len(words) - 1
		w.problem(node, what, describe(node), strings.Join(words[:last], ", ")+" or "+words[last])
		return nil
	}
	return &node.Value
}

func readCheckType(key string, of func(*entry) *check) reader {
	return func(w *walk, node *yaml.Node, what string, into *entry) {
		of(into).kind = w.choice(node, what+": "+key+"-type", CheckHTTP, CheckPort, CheckProcess)
	}
}

func readRestart(w *walk, node *yaml.Node, what string, into *entry) {
	into.restart = w.choice(node, what+": restart", RestartNever, RestartOnFailure, RestartAlways)
}

var endpointPattern = regexp.MustCompile(`^/[!-~]*$`)

func readEndpoint(key string, of func(*entry) *check) reader {
	return func(w *walk, node *yaml.Node, what string, into *entry) {
		what += ": " + key + "-http-endpoint"
		text, ok := w.readText(node, what, maxURILength)
		if ok && !endpointPattern.MatchString(text) {
			w.problem(node, what, quote(text), "a path such as /health, without blanks")
			return
		}
		if ok {
			of(into).endpoint = &text
		}
	}
}

var portVariable = regexp.MustCompile(`^\$([A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*(:-[0-9]{1,5})?\})$`)

func readPort(w *walk, node *yaml.Node, what string, into *entry) {
	text := decimal(node)
	number, err := strconv.ParseUint(text, 10, 16)
	if node.Kind != yaml.ScalarNode || (err != nil || number == 0) && !portVariable.MatchString(text) {
		w.problem(node, what+": port", describe(node), "a number from 1 to 65535, or the variable that holds it, such as $CONFIG_SERVER_PORT")
		return
	}
	into.port = &text
}

func readWorkDir(w *walk, node *yaml.Node, what string, into *entry) {
	into.workDir = w.optionalText(node, what+": work-dir", maxURILength)
}

func readEnv(w *walk, node *yaml.Node, what string, into *entry) {
	into.env, into.envFrom = w.environment(node, what+": "+EnvKey, processNames), w.from()
}

func readDependsOn(w *walk, node *yaml.Node, what string, into *entry) {
	what += ": depends-on"
	into.dependsOn = []string{}
	if node.Kind != yaml.SequenceNode {
		w.problem(node, what, describe(node), "a list of names of sidecars, such as [config-server]")
		return
	}
	for _, item := range node.Content {
		item, ok := w.enter(item)
		if !ok {
			return
		}
		if name, ok := w.readText(item, what, MaxNameLength); ok && !slices.Contains(into.dependsOn, name) {
			into.dependsOn = append(into.dependsOn, name)
		}
	}
}
