package javabuildpack

import (
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

// Language is the value of language in the Java buildpack's manifest.yml, and of name in its
// config.yml.
const Language = "java"

// before9 matches versions such as 8, 8.+ and 1.8.0_+.
var before9 = regexp.MustCompile(`^\s*(?:1\.)?[1-8](?:\D|$)`)

// jreVariables configure each JRE, including the memory calculator; the first is that of the
// default JRE (java-buildpack, src/java/jres/jre.go).
var jreVariables = []string{
	"JBP_CONFIG_OPEN_JDK_JRE", "JBP_CONFIG_SAP_MACHINE_JRE", "JBP_CONFIG_ZULU_JRE", "JBP_CONFIG_GRAAL_VM_JRE",
	"JBP_CONFIG_IBM_JRE", "JBP_CONFIG_ORACLE_JRE", "JBP_CONFIG_ZING_JRE",
}

// These variables override the memory calculator's settings in a JRE's variable.
const (
	threadsVariable  = "MEMORY_CALCULATOR_STACK_THREADS"
	headRoomVariable = "MEMORY_CALCULATOR_HEADROOM"
)

// memoryCalculator has the calculator's settings in a JRE's variable. Numbers of 0 or less have no
// effect.
type memoryCalculator struct {
	StackThreads int `yaml:"stack_threads"`
	ClassCount   int `yaml:"class_count"`
	Headroom     int `yaml:"headroom"`
}

// readMemoryCalculator reads it as the Java buildpack does: if one value has the wrong type,
// nothing of it counts (java-buildpack, src/java/jres/memory_calculator.go, LoadConfig).
func readMemoryCalculator(value string) (memoryCalculator, error) {
	var document struct {
		MemoryCalculator memoryCalculator `yaml:"memory_calculator"`
	}
	if err := yaml.Unmarshal([]byte(value), &document); err != nil {
		return memoryCalculator{}, err
	}
	return document.MemoryCalculator, nil
}

// jreVariable returns the variable of the JRE that the app has chosen, and its value.
func jreVariable(environ []string) (name, value string) {
	for _, name := range jreVariables {
		if value := env.Get(environ, name); value != "" {
			return name, value
		}
	}
	return jreVariables[0], ""
}

// configured applies the settings of the app's environment.
func (c *Calculator) configured(environ []string) {
	_, value := jreVariable(environ)
	stated, _ := readMemoryCalculator(value) // Problems reports errors
	for _, one := range []struct {
		into     *int
		stated   int
		variable string
	}{
		{&c.Threads, stated.StackThreads, threadsVariable},
		{&c.Classes, stated.ClassCount, ""},
		{&c.HeadRoom, stated.Headroom, headRoomVariable},
	} {
		if one.stated > 0 {
			*one.into = one.stated
		}
		if value, err := strconv.Atoi(env.Get(environ, one.variable)); err == nil {
			*one.into = value
		}
	}
	c.HeadRoom = max(c.HeadRoom, 0) // the buildpack ignores negative values
}

// java8 reports whether the app asks for a Java before 9.
func java8(environ []string) bool {
	var stated struct {
		JRE struct {
			Version string `yaml:"version"`
		} `yaml:"jre"`
	}
	_, value := jreVariable(environ)
	_ = yaml.Unmarshal([]byte(value), &stated) // the Java buildpack says what is wrong with it
	for _, version := range []string{env.Get(environ, "BP_JAVA_VERSION"), stated.JRE.Version} {
		if version != "" {
			return before9.MatchString(version)
		}
	}
	return false
}

// options returns JAVA_OPTS and JBP_CONFIG_JAVA_OPTS, from which the Java buildpack makes the
// JAVA_OPTS of the process (java-buildpack, src/java/frameworks/java_opts.go).
func options(environ []string) string {
	var config struct {
		FromEnvironment *bool `yaml:"from_environment"`
		JavaOpts        any   `yaml:"java_opts"`
	}
	_ = yaml.Unmarshal([]byte(env.Get(environ, "JBP_CONFIG_JAVA_OPTS")), &config) // the Java buildpack says what is wrong with it
	var all []string
	switch stated := config.JavaOpts.(type) {
	case string:
		all = append(all, stated)
	case []any:
		for _, one := range stated {
			if text, ok := one.(string); ok {
				all = append(all, text)
			}
		}
	}
	if config.FromEnvironment == nil || *config.FromEnvironment {
		all = append(all, env.Get(environ, "JAVA_OPTS"))
	}
	return strings.Join(all, " ")
}
