package check_test

import "github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"

// profileScript has the launcher source a script with this content.
func profileScript(content string) func(b buildpack) {
	return func(b buildpack) { b.write("profile.d/x.sh", content, 0o644) }
}

func detectScript(content string) func(b buildpack) {
	return func(b buildpack) { b.write("bin/detect", content, 0o755) }
}

// scripts are faults of shell scripts, which their text shows.
var scripts = []breakage{
	{"a script with Windows line endings after its first line", detectScript("#!/bin/sh\nset -e\r\nexit 1\r\n"), finding.ScriptSyntax, "bin/detect:2", "Windows line endings"},
	{"[[ in a script for sh", detectScript("#!/bin/sh\nif [[ -f x ]]; then exit 0; fi\nexit 1\n"), finding.ScriptSyntax, "bin/detect:2", "[["},
	{"an array in a script for sh", detectScript("#!/usr/bin/env sh\na=(1 2)\nexit 1\n"), finding.ScriptSyntax, "bin/detect:2", "an array"},
	{"a here-string in a script for sh", detectScript("#!/bin/sh\nread -r x <<<abc\nexit 1\n"), finding.ScriptSyntax, "bin/detect:2", "<<<"},
	{"pipefail in a script for sh", detectScript("#!/bin/sh\nset -eo pipefail\nexit 1\n"), finding.ScriptSyntax, "bin/detect:2", "pipefail"},
	{"a fixed index below supply's third argument (CF-02)", supply(`ls "$3/0" || true`), finding.IndexFixed, "bin/supply:28", "$3/0"},
	{"a fixed index below a variable for it (CF-02)", supply(`ls "${deps}/7" || true`), finding.IndexFixed, "bin/supply:28", "${deps}/7"},
	{"a profile.d script with a fixed index (CF-02)", profileScript(`export PATH="$DEPS_DIR/0/bin:$PATH"` + "\n"), finding.IndexFixed, "profile.d/x.sh:1", "$DEPS_DIR/0"},

	{"a profile.d script with Windows line endings", profileScript("A=1\r\nexport A\r\n"), finding.ProfileSyntax, "profile.d/x.sh:1", "Windows line endings"},
	{"a profile.d script with a byte order mark", profileScript("\xef\xbb\xbfexport A=1\n"), finding.ProfileSyntax, "profile.d/x.sh:1", "byte order mark"},
	{"a profile.d script with blanks around =", profileScript("AGENT_PORT = 9000\n"), finding.ProfileSyntax, "profile.d/x.sh:1", "no blanks around ="},
	{"a profile.d script that traces the app's start", profileScript("set -x\n"), finding.ProfileOptions, "profile.d/x.sh:1", "set -x"},
	{"a profile.d script that unsets one option of two", profileScript("set -eu\nset +e\n"), finding.ProfileOptions, "profile.d/x.sh:1", "set -eu"},
	{"a profile.d script that sets an option which it has unset", profileScript("set +f\nset -f\n"), finding.ProfileOptions, "profile.d/x.sh:2", "set -f"},
	{"a profile.d script that sets another option than it has unset", profileScript("set +f\n[ -z \"$A\" ] || set -e\n"), finding.ProfileOptions, "profile.d/x.sh:2", "set -e"},
	{"a profile.d script with shopt", profileScript("shopt -so errexit\n"), finding.ProfileOptions, "profile.d/x.sh:1", "shopt -so errexit"},
	{"a profile.d script that changes how words are split", profileScript("IFS=,\n"), finding.ProfileOptions, "profile.d/x.sh:1", "IFS="},
	{"a profile.d script with a function that exits", profileScript("die() { echo no; exit 1; }\ndie\n"), finding.ProfileExit, "profile.d/x.sh:1", "exit 1"},
	{"a profile.d script that kills the shell", profileScript("kill -9 $$\n"), finding.ProfileExit, "profile.d/x.sh:1", "kill $$"},
	{"a profile.d script with a trap for later scripts", profileScript("trap 'exit 1' ERR\n"), finding.ProfileExit, "profile.d/x.sh:1", "trap 'exit 1' ERR"},
	{"a profile.d script that takes the app's output", profileScript("exec >/dev/null 2>&1\n"), finding.ProfileExec, "profile.d/x.sh:1", "exec >/dev/null"},
	{"a profile.d script that loops", profileScript("while true; do agent; sleep 1; done\n"), finding.ProfileBlocks, "profile.d/x.sh:1", "an endless loop"},
	{"a profile.d script that sleeps", profileScript("until false\ndo\nsleep 2h\ndone &\nsleep infinity\n"), finding.ProfileBlocks, "profile.d/x.sh:5", "sleep infinity"},
	{"a profile.d script that follows a log", profileScript("tail -f /tmp/agent.log\n"), finding.ProfileBlocks, "profile.d/x.sh:1", "tail -f"},
	{"a profile.d script that goes to a directory below a variable", profileScript("cd \"$DEPS_DIR/agent\" || return\n"), finding.ProfileDirectory, "profile.d/x.sh:1", "cd $DEPS_DIR/agent"},
	{"a profile.d script that unsets PORT", profileScript("unset A PORT\n"), finding.ProfilePlatform, "profile.d/x.sh:1", "unset PORT"},
	{"a profile.d script that reads PORT from a file", profileScript("read -r PORT </tmp/port\n"), finding.ProfilePlatform, "profile.d/x.sh:1", "read PORT"},
	{"a profile.d script that sets PORT by printf", profileScript("printf -v PORT %s 1\n"), finding.ProfilePlatform, "profile.d/x.sh:1", "printf -v PORT"},
	{"a profile.d script that sets PORT by eval", profileScript("eval 'export PORT=1'\n"), finding.ProfilePlatform, "profile.d/x.sh:1", "PORT="},
	{"a profile.d script that sets PORT by readonly", profileScript("readonly PORT=1\n"), finding.ProfilePlatform, "profile.d/x.sh:1", "PORT="},
	{"a profile.d script that sets PORT by typeset", profileScript("typeset -x PORT=1\n"), finding.ProfilePlatform, "profile.d/x.sh:1", "PORT="},
	{"a profile.d script that unsets PATH", profileScript("unset PATH\n"), finding.ProfileReplaces, "profile.d/x.sh:1", "unset PATH"},
	{"a profile.d script that lets no other add to PATH", profileScript("readonly PATH\n"), finding.ProfileReplaces, "profile.d/x.sh:1", "readonly PATH"},
	{"a profile.d script with a function that replaces PATH", profileScript("f() { export PATH=/x; }\nf\n"), finding.ProfileReplaces, "profile.d/x.sh:1", "PATH= without $PATH"},
}

// goodProfiles are profile.d scripts without a fault, by what they do.
var goodProfiles = map[string]string{
	"asks whether the shell is there":                "kill -0 $$\nkill -s 0 $$\n",
	"has a function end a loop":                      "stop() { return 1; }\nmain() { while true; do true || stop; done; }\n[ -z \"$A\" ] || main\n",
	"returns where it is sourced":                    "[ -n \"$A\" ] || return 0 2>/dev/null || exit 0\nreturn 0 2>/dev/null || exit 0\nexit 1\n",
	"keeps the platform's PORT":                      "export PORT=${PORT:-8080}\nPORT=\"${PORT-8080}\"\nexport VCAP_APP_PORT=\"$VCAP_APP_PORT\"\n",
	"sets PORT where it is empty":                    "if [ -z \"${PORT:-}\" ]; then export PORT=8080; fi\n[ -n \"$PORT\" ] || PORT=8080\n[[ -z $PORT ]] && PORT=8080\n",
	"sets JAVA_OPTS where it is empty":               "export JAVA_OPTS=${JAVA_OPTS:--Da=b}\n[ \"$JAVA_OPTS\" ] || JAVA_OPTS=-Da=b\n",
	"goes back by OLDPWD":                            "cd /tmp; ls; cd \"$OLDPWD\"\n",
	"goes back by cd -":                              "cd /tmp && ls && cd - >/dev/null\n",
	"goes back by popd":                              "pushd /tmp >/dev/null\npushd /var >/dev/null\npopd\npopd\n",
	"goes back to what it has saved":                 "here=$(pwd)\nthere=\"$PWD\"\ncd /tmp\ncd /var\ncd \"$here\"\ncd /tmp\ncd \"$there\"\n",
	"goes back to the app":                           "cd /tmp\ncd \"$HOME\"\ncd /tmp\ncd\n",
	"adds to PATH as the advice has it":              "PATH=$DEPS_DIR/IDX/bin:$PATH\n",
	"unsets the options that it has set":             "set -eu -o pipefail\nset +e\nset +u +o pipefail\nshopt -s failglob; shopt -u failglob\n",
	"restores the options that it has unset":         "options=$-:${BASHOPTS-}\nset +f\nshopt -u failglob\nfor a in /tmp/*; do :; done\ncase $options in *failglob*) shopt -s failglob ;; esac\ncase $options in *f*:*) set -f ;; esac\n",
	"traces if it is to be debugged":                 "[ -z \"$AGENT_DEBUG\" ] || set -x\n",
	"sets back how words are split":                  "old=$IFS\nIFS=,\nfor a in $B; do :; done\nIFS=$old\nIFS=: read -r a b <<<\"$C\"\n",
	"sets back how words are split to the default":   "IFS=$'\\n'\nfor a in $B; do :; done\nIFS=$' \\t\\n'\n",
	"has functions that it does not call":            "die() { exit 1; }\nset_port() { PORT=1; }\n",
	"calls a function that exits if a command fails": "die() { echo \"$1\" >&2; exit 1; }\n[ -r \"$HOME/agent.yml\" ] || die 'no agent.yml'\n",
	"changes local variables of a function":          "f() { local PATH=/x; declare PORT=1; }\nf\n",
	"starts a program in the background":             "while true; do sleep 60; done &\nsleep infinity &\nexport A=1\n",
	"loops until something has happened":             "while true; do [ -e /tmp/x ] && break; sleep 1; done\n",
	"writes some output elsewhere":                   "exec 3>&1\nexec >/tmp/log\necho x\nexec >&3\n",
	"sets positional parameters":                     "set -- -e -x\nunset A\nread -r B </dev/null\nprintf -v C %s x\n",
	"passes options to a command":                    "env PORT=1 ls\nPORT=1 ls\ntrap 'rm -f x' EXIT\n",
}
