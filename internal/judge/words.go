package judge

import (
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
)

var (
	// plainWord matches a word of a shell command without special characters, except for the app's
	// directory in front.
	plainWord = regexp.MustCompile(`^(\$HOME/|\$\{HOME\}/|~/)?[-A-Za-z0-9_./+@%:,]+$`)
	variable  = regexp.MustCompile(`^` + env.Name + `=`)
)

// firstCommand returns the words of the first command in a shell command, up to the first one with
// special characters, without variables and words that only run the rest.
func firstCommand(command string) []string {
	first := strings.FieldsFunc(command, func(char rune) bool { return strings.ContainsRune(";&|\n", char) })
	if len(first) == 0 {
		return nil
	}
	var words []string
	for _, word := range strings.Fields(first[0]) {
		if len(words) == 0 && (variable.MatchString(word) || word == "exec") {
			continue
		}
		word = unquote(word)
		if !plainWord.MatchString(word) {
			break
		}
		words = append(words, word)
	}
	return words
}

// unquote removes the quotes around a word.
func unquote(word string) string {
	for _, quote := range []string{`"`, `'`} {
		if inner, ok := strings.CutPrefix(word, quote); ok && strings.HasSuffix(inner, quote) {
			return strings.TrimSuffix(inner, quote)
		}
	}
	return word
}

// shells run the script that they are given, whatever its mode.
var shells = []string{"sh", "bash", "dash", "source", "."}

// builtins are bash's own commands.
var builtins = strings.Fields(`
	: [ [[ { ( ! alias bg bind break builtin caller case cd command compgen complete continue coproc declare dirs disown echo enable eval
	exit export false fc fg for function getopts hash help history if jobs kill let local logout mapfile popd printf pushd pwd read
	readarray readonly return select set shift shopt suspend test time times trap true type typeset ulimit umask unalias unset until
	wait while`)

// runtimes are programs that language buildpacks install for apps; there is no warning about them
// if such a buildpack follows.
var runtimes = strings.Fields(`
	bun bundle bundler catalina.sh celery composer corepack daphne deno django-admin dotnet elixir erl flask gem go gunicorn httpd
	hypercorn iex irb jar java javac jcmd jshell keytool mix nginx node nodejs npm npx perl php php-fpm pip pip3 pipenv pnpm poetry puma
	python python2 python3 rackup rails rake Rscript R ruby sidekiq thin unicorn uvicorn uwsgi yarn`)

// inApp returns the path in the app that a word of a command refers to, or nothing if it leads out
// of the app. The command runs in workDir.
func inApp(workDir, word string) string {
	for _, home := range []string{"$HOME/", "${HOME}/", "~/", "/home/vcap/app/"} {
		if rest, ok := strings.CutPrefix(word, home); ok {
			word, workDir = rest, ""
		}
	}
	file := path.Join(workDir, word)
	if path.IsAbs(word) || strings.Contains(word, "$") || !fs.ValidPath(file) {
		return ""
	}
	return file
}
