package executable

// An Info describes a file that can be run.
type Info struct {
	// Interpreter is the path of a script's interpreter or of the dynamic linker; empty if it needs
	// none.
	Interpreter string
	// Lookup is the program that a script's /usr/bin/env looks for on PATH, or empty.
	Lookup string
}

// An Error describes a file that cannot be run.
type Error struct {
	Found string // such as "a program for Windows"
	Want  string
	// Uncertain is true if the shell may run it nevertheless: it takes a file that the kernel does
	// not recognize for a script.
	Uncertain bool
}

const wantProgram = "a program for Linux, or a script that begins with #! and its interpreter"

func (e *Error) Error() string { return "found " + e.Found + "; expected " + e.Want }
