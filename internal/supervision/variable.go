package supervision

// A Variable is one variable of an environment. In its value, $NAME and ${NAME} refer to other
// variables; nothing else is special.
type Variable struct {
	Name  string
	Value string
	// Literal says that nothing in the value is special. The file of the specs has no such
	// variables.
	Literal bool
}
