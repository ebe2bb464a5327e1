package finding

import (
	"fmt"
	"slices"
)

// Rules returns all rules, in the order of the documentation.
func Rules() []Rule {
	return slices.Concat(fileRules, manifestRules, catalogRules, scriptRules, stagingRules, writtenRules, launchRules, secretRules)
}

// ruleOf returns the rule with this identifier, which must exist.
func ruleOf(id string) Rule {
	i := indexOf(id)
	if i < 0 {
		panic(fmt.Sprintf("there is no rule %q", id))
	}
	return Rules()[i]
}

func indexOf(id string) int {
	return slices.IndexFunc(Rules(), func(r Rule) bool { return r.ID == id })
}
