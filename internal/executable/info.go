package executable

// An Info is what is known of a file that can be run.
type Info struct {
	// Interpreter is the path of the program that runs it, a script's or the dynamic
	// linker; empty where it needs none.
	Interpreter string
	// Lookup is the name of the program that a script's /usr/bin/env looks for on
	// PATH, or empty.
	Lookup string
}

// An Error says what a file is that cannot be run.
type Error struct {
	Found string // such as "a program for Windows"
	Want  string
	// Uncertain tells that the shell, which takes what the kernel does not know for a
	// script, may make something of it.
	Uncertain bool
}

const wantProgram = "a program for Linux, or a script that begins with #! and its interpreter"

func (e *Error) Error() string { return "found " + e.Found + "; expected " + e.Want }
