package supervision

// A Variable is one of an environment. In its value, $NAME and ${NAME} stand for
// other variables; nothing else is special.
type Variable struct {
	Name  string
	Value string
	// Literal tells that nothing in the value is special. The file of the specs has no
	// such variables.
	Literal bool
}
