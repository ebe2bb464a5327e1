package shellscript

import (
	"slices"
	"strings"
)

// optionNames are the options that end a shell or change how later scripts run, by their letters;
// those without a letter have the name alone.
var optionNames = map[string]string{
	"e": "errexit", "u": "nounset", "f": "noglob", "n": "noexec", "p": "privileged", "x": "xtrace", "v": "verbose",
	"pipefail": "pipefail", "posix": "posix", "failglob": "failglob", "nocasematch": "nocasematch",
}

// separator is the name for a changed IFS in optionChanges, which words are split by.
const separator = "IFS"

// optionChanges are the options that a script has set so far and not unset.
type optionChanges struct {
	all []optionChange
	// unset are the options that it has unset. If it sets one of them again under a condition, it
	// restores what was before it.
	unset []string
}

type optionChange struct {
	Problem
	names []string
}

func (c *optionChanges) add(line int, found string, names []string) {
	if len(names) > 0 {
		c.all = append(c.all, optionChange{Problem{line, found}, names})
	}
}

// drop removes options that a script unsets.
func (c *optionChanges) drop(names []string) {
	c.unset = append(c.unset, names...)
	var left []optionChange
	for _, change := range c.all {
		change.names = slices.DeleteFunc(slices.Clone(change.names), func(name string) bool { return slices.Contains(names, name) })
		if len(change.names) > 0 {
			left = append(left, change)
		}
	}
	c.all = left
}

func (c *optionChanges) separator(line int, changed bool) {
	c.drop([]string{separator})
	if changed {
		c.add(line, separator+"=, by which later scripts split words", []string{separator})
	}
}

func (c *optionChanges) problems() (all []Problem) {
	for _, change := range c.all {
		all = append(all, change.Problem)
	}
	return all
}

// options reads the arguments of set or, if toggles, of shopt. Tracing under a condition is how
// scripts are debugged, so it is left out.
func (c *optionChanges) options(line int, command string, arguments []string, conditional bool) {
	var set, unset, shown []string
	for i := 0; i < len(arguments); i++ {
		argument := arguments[i]
		if argument == "--" || argument == "" || argument[0] != '-' && argument[0] != '+' {
			break
		}
		letters, into := argument[1:], &set
		if argument[0] == '+' {
			into = &unset
		}
		found := namesOf(letters)
		if strings.HasSuffix(letters, "o") && i+1 < len(arguments) {
			found = append(found, known(arguments[i+1])...)
			argument += " " + arguments[i+1]
			i++
		}
		*into = append(*into, found...)
		if argument[0] == '-' && len(found) > 0 {
			shown = append(shown, argument)
		}
	}
	if conditional {
		set = slices.DeleteFunc(c.withoutRestored(set), func(name string) bool { return name == "xtrace" || name == "verbose" })
	}
	c.drop(unset)
	c.add(line, command+" "+strings.Join(shown, " "), set)
}

// withoutRestored returns the names of those options that the script has not unset before.
func (c *optionChanges) withoutRestored(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(c.unset, name) })
}

// shopt reads the arguments of shopt.
func (c *optionChanges) shopt(line int, arguments []string, conditional bool) {
	var names []string
	set, unset := false, false
	for _, argument := range arguments {
		if letters, ok := strings.CutPrefix(argument, "-"); ok {
			set, unset = set || strings.Contains(letters, "s"), unset || strings.Contains(letters, "u")
			continue
		}
		names = append(names, known(argument)...)
	}
	switch {
	case set && conditional:
		c.add(line, "shopt "+strings.Join(arguments, " "), c.withoutRestored(names))
	case set:
		c.add(line, "shopt "+strings.Join(arguments, " "), names)
	case unset:
		c.drop(names)
	}
}

func namesOf(letters string) (names []string) {
	for _, letter := range letters {
		if name, ok := optionNames[string(letter)]; ok {
			names = append(names, name)
		}
	}
	return names
}

// known returns the name, if it is that of an option in optionNames.
func known(name string) []string {
	for _, option := range optionNames {
		if option == name {
			return []string{name}
		}
	}
	return nil
}
