package executable

import (
	"bytes"
	"fmt"
	"path"
	"strings"
)

// inspectScript reads a script's first line as the kernel does: an interpreter, and the rest of the
// line as a single argument.
func inspectScript(head []byte) (Info, error) {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	if bytes.HasSuffix(line, []byte("\r")) {
		return Info{}, &Error{
			Found: fmt.Sprintf("a script with Windows line endings, so Linux looks for the interpreter %q", strings.TrimSpace(string(line[2:len(line)-1]))+"\r"),
			Want:  "one with line feeds alone: convert it with dos2unix, or set \"* text eol=lf\" in .gitattributes",
		}
	}
	fields := strings.Fields(string(line[2:]))
	if len(fields) == 0 {
		return Info{}, &Error{Found: "a script without an interpreter behind its #!", Want: "such as #!/bin/sh"}
	}
	if path.Base(fields[0]) == "env" && len(fields) > 2 && !strings.HasPrefix(fields[1], "-") {
		arguments := strings.Join(fields[1:], " ")
		return Info{}, &Error{Found: fmt.Sprintf("a script that calls env with %q, which Linux passes as one argument", arguments), Want: "env -S, or the path of the interpreter"}
	}
	program := Info{Interpreter: fields[0]}
	if path.Base(fields[0]) == "env" {
		program.Lookup = lookup(fields[1:])
	}
	return program, nil
}

// lookup returns the program that env runs: its first argument that is neither an option nor a
// variable.
func lookup(arguments []string) string {
	for _, argument := range arguments {
		if !strings.HasPrefix(argument, "-") && !strings.Contains(argument, "=") {
			return argument
		}
	}
	return ""
}
