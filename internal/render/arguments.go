package render

import (
	"fmt"
	"reflect"
)

// textArguments are the arguments of a function, which must be so many texts.
func textArguments(function, usage string, arguments []any, least, maximum int) ([]string, error) {
	var texts []string
	for _, argument := range arguments {
		v := reflect.ValueOf(argument)
		if v.Kind() != reflect.String {
			return nil, valueError(fmt.Errorf("found an argument of %s that is no text; expected %s", function, usage))
		}
		texts = append(texts, v.String())
	}
	if len(texts) < least || len(texts) > maximum {
		return nil, valueError(fmt.Errorf("found %d arguments of %s; expected %s", len(texts), function, usage))
	}
	return texts, nil
}
