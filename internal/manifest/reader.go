package manifest

import "fmt"

// A reader reads an app as Cloud Controller does.
type reader struct {
	lines     lines
	variables Variables
	problems  problems
	notes     []Note
}

func (r *reader) refuse(path []any, message, found, want string) {
	r.problems.add(Problem{At: r.lines.at(path...), Message: message, Found: found, Want: want})
}

// fail adds a refusal that the platform does not explain to the user.
func (r *reader) fail(path []any, message string, found any, want string) {
	r.problems.add(Problem{At: r.lines.at(path...), Message: message, Hidden: true, Found: show(found), Want: want})
}

func (r *reader) note(path []any, format string, args ...any) {
	r.notes = append(r.notes, Note{At: r.lines.at(path...), Text: fmt.Sprintf(format, args...)})
}
