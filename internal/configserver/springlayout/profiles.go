package springlayout

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkProfile rejects names of profiles that Spring Boot rejects.
func checkProfile(profile string) error {
	if strings.TrimSpace(profile) == "" {
		return fmt.Errorf("found an empty profile; expected a name")
	}
	valid := func(char rune) bool { return unicode.IsLetter(char) || unicode.IsDigit(char) }
	for _, char := range profile {
		if !valid(char) && !strings.ContainsRune("-_.+@", char) {
			return fmt.Errorf("found a profile with %q in its name; expected letters, digits, and - _ . + @", char)
		}
	}
	first, _ := utf8.DecodeRuneInString(profile)
	last, _ := utf8.DecodeLastRuneInString(profile)
	if !valid(first) || !valid(last) {
		return fmt.Errorf("found a profile that begins or ends with %q or %q; expected a letter or a digit", first, last)
	}
	return nil
}

// expandProfiles adds the members of its group after each profile, without duplicates.
func expandProfiles(profiles []string, groups map[string][]string) []string {
	var expanded []string
	stack := slices.Clone(profiles)
	for len(stack) > 0 {
		profile := stack[0]
		stack = stack[1:]
		if slices.Contains(expanded, profile) {
			continue
		}
		expanded = append(expanded, profile)
		stack = slices.Concat(groups[profile], stack)
	}
	return expanded
}

// maxExpression limits how deeply parentheses and ! may be nested in a profile expression.
const maxExpression = 100

var errMalformedExpression = errors.New("found a profile expression that is malformed; expected names of profiles, with !, & and |, and parentheses where both & and | are used")

// matchesProfiles evaluates a profile expression for the active profiles: names, with !, &, | and parentheses.
// It tolerates what Spring tolerates: an operator without a second operand, and an unclosed parenthesis.
func matchesProfiles(expression string, active []string) (bool, error) {
	p := &expressionParser{active: active}
	for rest := expression; rest != ""; {
		end := strings.IndexAny(rest, "()&|!")
		switch {
		case end < 0:
			end = len(rest)
		case end == 0:
			end = 1
		}
		if token := strings.TrimSpace(rest[:end]); token != "" {
			p.tokens = append(p.tokens, token)
		}
		rest = rest[end:]
	}
	return p.parse("", 0)
}

type expressionParser struct {
	tokens []string
	active []string
}

// parse parses and evaluates what follows an opening parenthesis or a ! (given as after), or the whole
// expression.
func (p *expressionParser) parse(after string, depth int) (bool, error) {
	operator, all, any, count := "", true, false, 0
	add := func(operand bool) { all, any, count = all && operand, any || operand, count+1 }
	for len(p.tokens) > 0 && depth <= maxExpression {
		token := p.tokens[0]
		p.tokens = p.tokens[1:]
		switch {
		case token == "&" || token == "|":
			if operator != "" && operator != token {
				return false, errMalformedExpression
			}
			operator = token
			continue
		case token == ")" && after == "(" && count > 0:
			return operator == "&" && all || operator != "&" && any, nil
		case token == ")":
			return false, errMalformedExpression
		}
		operand := slices.Contains(p.active, token)
		if token == "(" || token == "!" {
			inner, err := p.parse(token, depth+1)
			if err != nil {
				return false, err
			}
			operand = inner != (token == "!")
		}
		if after == "!" && token != "!" {
			return operand, nil
		}
		add(operand)
	}
	if count == 0 || depth > maxExpression {
		return false, errMalformedExpression
	}
	return operator == "&" && all || operator != "&" && any, nil
}
