package shellscript

import "mvdan.cc/sh/v3/syntax"

// Effects are a script's effects on the shell that sources it (CF-15). Commands in a subshell, in
// the background, or in the body of a function that the script does not call have none.
type Effects struct {
	Syntax    []Problem // commands that the author has meant as something else
	Options   []Problem // set -e and the like
	Exits     []Problem // except those with a failure's status, under a condition
	Blocks    []Problem // commands that do not end
	Execs     []Problem // with a program, which replaces the shell
	Directory []Problem
	Platform  []Problem // assignments to variables that the platform sets
	Replaced  []Problem // assignments that drop a variable's value from elsewhere
}

type visitor struct {
	Effects
	set       optionChanges
	own       map[string]bool         // variables whose value comes from other ones
	functions map[string]*syntax.Stmt // bodies, by name
	calls     int                     // the number of calls of functions around the visited statement
	visits    int                     // the number of calls of functions that were followed so far
	// conditions is the number of conditions around the visited statement.
	conditions int
	// empty are the variables that are empty or unset at the visited statement.
	empty map[string]bool
	// saved are the variables with the directory in which the script began.
	saved map[string]bool
}
