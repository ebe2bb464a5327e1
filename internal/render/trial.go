package render

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

// maxTrials limits how much of a template is checked: nodes, and calls that are tried.
const maxTrials = 50_000

// maxCombinations limits the combinations of types that are tried for one call.
const maxCombinations = 64

// A trial tries calls in package text/template itself, with examples of their arguments. So a call
// fails here exactly as it does at the start.
type trial struct {
	template  *template.Template
	remaining int
	// exact means that the arguments are the values of the start, and not examples. Functions
	// with other arguments look nothing up.
	exact     bool
	arguments []any
	result    any
}

// An unknownResult is a function's error if the template alone does not determine the result. It
// says what is known of it.
type unknownResult struct{ possible }

func (*unknownResult) Error() string { return errUnknown.Error() }

const (
	argumentFunction = "trial_argument"
	resultFunction   = "trial_result"
)

// use defines the functions that can be called, as scope.functions does.
func (t *trial) use(functions template.FuncMap) {
	all := withHidden(functions, newBudget())
	for _, name := range optional {
		all[name+optionalSuffix] = orMissingType(all[name+optionalSuffix].(func(...any) (any, error)))
	}
	maps.Copy(all, template.FuncMap{
		argumentFunction: func(i int) any { return t.arguments[i] },
		resultFunction:   func(value any) string { t.result = value; return "" },
	})
	t.template = template.New(templateName).Option("missingkey=error").Funcs(all)
}

// orMissingType wraps a function of orMissing so that a result that is unknown can also be missing.
func orMissingType(function func(...any) (any, error)) func(...any) (any, error) {
	return func(arguments ...any) (any, error) {
		value, err := function(arguments...)
		var unknown *unknownResult
		switch {
		case err == nil:
			err = &unknownResult{possible{[]any{value}, today}}
		case errors.As(err, &unknown) && unknown.certainty == typed && unknown.isKnown():
			err = &unknownResult{oneOf(append(slices.Clone(unknown.examples), nil)...)}
		}
		return value, err
	}
}

// An operand is an argument of a call. A literal has its source as form, and otherwise form is
// empty.
type operand struct {
	form  string
	value possible
}

// function tries a function.
func (t *trial) function(name string, operands []operand) (possible, error) {
	if name == "index" && len(operands) > 2 {
		item, err := t.function(name, operands[:2])
		if err != nil || !item.isKnown() {
			return possible{}, err
		}
		return t.function(name, append([]operand{{"", item}}, operands[2:]...))
	}
	if name == defaultFunction && len(operands) == 2 {
		operands = []operand{operands[0], {operands[1].form, operands[1].value.orMissing()}}
	}
	return t.call(name, operands, func(forms []string) string { return keep(append([]string{name}, forms...)) })
}

// field tries a field or a method of the first operand, with the others as its arguments.
func (t *trial) field(name string, operands []operand) (possible, error) {
	receiver := operands[0].value
	if receiver.certainty == typed && slices.ContainsFunc(receiver.examples, func(example any) bool { return reflect.ValueOf(example).Kind() == reflect.Map }) {
		return possible{}, nil // any object has any key
	}
	return t.call("", operands, func(forms []string) string { return keep(append([]string{forms[0] + "." + name}, forms[1:]...)) })
}

// value tries a value that is not a function, with the operands behind the first as its arguments.
func (t *trial) value(operands []operand) (possible, error) {
	return t.call("", operands, keep)
}

// iteration tries to range over a value.
func (t *trial) iteration(over possible, variables int) error {
	declared := []string{"", "$item := ", "$index, $item := "}[variables]
	_, err := t.call("", []operand{{"", over}}, func(forms []string) string {
		return "{{ range " + declared + forms[0] + " }}{{ break }}{{ end }}"
	})
	return err
}

// named tries to execute a template with a name that is not defined.
func (t *trial) named(name string) error {
	_, err := t.execute(fmt.Sprintf("{{ template %q }}", name), true, nil)
	return err
}

// keep returns an action that keeps the result of a command.
func keep(words []string) string {
	return "{{ " + resultFunction + " (" + strings.Join(words, " ") + ") }}"
}

// call tries a call with each combination of its operands' examples. It returns an error if all of
// them fail: whatever the values are at the start, the call fails.
func (t *trial) call(function string, operands []operand, write func(forms []string) string) (possible, error) {
	action := write(forms(operands))
	result := possible{certainty: fixed}
	combinations := 1
	for _, o := range operands {
		if !o.value.isKnown() {
			return t.callUnknown(function, action, operands)
		}
		result.certainty = min(result.certainty, o.value.certainty)
		combinations *= len(o.value.examples)
	}
	if combinations > maxCombinations {
		return possible{}, nil
	}
	var failure error
	worked, isKnown := false, true
	for i := range combinations {
		value, err := t.execute(action, result.certainty != typed, combination(operands, i))
		var unknown *unknownResult
		switch {
		case errors.As(err, &unknown):
			worked, isKnown, result.certainty = true, isKnown && unknown.isKnown(), min(result.certainty, unknown.certainty)
			for _, example := range unknown.examples {
				result.add(example)
			}
		case err != nil && result.certainty == typed && dependsOnValue(err):
			return resultOf(function), nil
		case err != nil && failure == nil:
			failure = err
		case err != nil:
		default:
			worked, isKnown = true, isKnown && (result.certainty != typed || isSpecified(value))
			result.add(value)
		}
	}
	switch {
	case !worked:
		return resultOf(function), failure
	case !isKnown:
		return possible{}, nil
	default:
		return result, nil
	}
}

// callUnknown tries a call of which not all operands are known: only their number can be wrong.
func (t *trial) callUnknown(function, action string, operands []operand) (possible, error) {
	var arguments []any
	for _, o := range operands {
		arguments = append(arguments, any(unspecified{}))
		if o.value.isKnown() {
			arguments[len(arguments)-1] = o.value.examples[0]
		}
	}
	if _, err := t.execute(action, false, arguments); err != nil && wrongNumber.MatchString(err.Error()) {
		return resultOf(function), err
	}
	return resultOf(function), nil
}

// execute executes a template. It does nothing when all trials are used up.
func (t *trial) execute(text string, exact bool, arguments []any) (any, error) {
	if t.remaining--; t.remaining < 0 {
		return nil, &unknownResult{}
	}
	parsed, err := t.template.New(templateName).Parse(text)
	if err != nil {
		return nil, &unknownResult{}
	}
	t.exact, t.arguments, t.result = exact, arguments, nil
	err = parsed.Execute(&limitedBuffer{}, nil)
	return t.result, err
}

// forms returns how a template refers to these operands.
func forms(operands []operand) []string {
	forms := make([]string, len(operands))
	for i, o := range operands {
		if forms[i] = o.form; o.form == "" {
			forms[i] = fmt.Sprintf("(%s %d)", argumentFunction, i)
		}
	}
	return forms
}

// combination returns the i-th combination of the operands' examples.
func combination(operands []operand, i int) []any {
	arguments := make([]any, len(operands))
	for at, o := range operands {
		arguments[at] = o.value.examples[i%len(o.value.examples)]
		i /= len(o.value.examples)
	}
	return arguments
}

var (
	wrongNumber = regexp.MustCompile(`: (?:wrong number of args for \w+: .*|can't give argument to non-function .*|\w+ has arguments but cannot be invoked as function)$|: found \d+ arguments of |: found default with no value`)
	// valueDependent matches errors of calls that may work with another value of the same type.
	valueDependent = regexp.MustCompile(`index out of range: \d+$|invalid slice index: |non-comparable type|reflect: slice index out of range`)
)

func dependsOnValue(err error) bool {
	return errors.Is(err, errTooLarge) || valueDependent.MatchString(err.Error())
}

// isSpecified reports whether a value that a call has returned for examples says something about
// the type of others.
func isSpecified(value any) bool { return value != nil && value != any(unspecified{}) }

// resultOf returns what is known of each result of a function.
func resultOf(function string) possible {
	switch function {
	case "json", "yaml", "toml", "base64", "print", "printf", "println", "html", "js", "urlquery", "env", "file", "cert", "text":
		return oneOf(exampleText)
	case "eq", "ne", "lt", "le", "gt", "ge", "not":
		return oneOf(true)
	case "len":
		return oneOf(0)
	default:
		return possible{}
	}
}
