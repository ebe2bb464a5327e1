package standin

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var lockedGem = regexp.MustCompile(`(?m)^ {4}([A-Za-z0-9_.-]+) \(([^)]+)\)`)

// supplyGems finds the gems of the Gemfile: those of Gemfile.lock on this machine, or else other
// installed versions that the Gemfile accepts, or else those that Bundler installs. If none of this
// works, it is not an error, since a start command need not use Bundler.
func (s *supplier) supplyGems() error {
	if !s.silently(s.found.path, "-e", "require 'bundler'") {
		s.log.Warning("The gems of the Gemfile are taken from this machine, whichever they are: it has no Bundler.")
		return nil
	}
	if _, found := s.app().Find("bundle"); !found {
		if err := s.place("bundle", 0o755, filepath.Join(s.bin(), "bundle")); err != nil {
			return err
		}
	}
	s.environ = append(s.environ, "BUNDLE_WITHOUT=development:test", "BUNDLE_GEMFILE="+filepath.Join(s.build, gemfile(s.app())))
	if err := s.checkGemfile(); err != nil {
		return err
	}
	s.script("export BUNDLE_WITHOUT=${BUNDLE_WITHOUT:-development:test}")
	gems, err := s.output(s.found.path, "-e", listGems)
	switch {
	case err == nil && s.lacksServer(gems) && s.resolveAnew(true):
		return nil
	case err == nil:
		s.log.Info("Gems: those of this machine, which the app's bundle takes")
		return nil
	case s.resolveAnew(false):
		return nil
	}
	return s.installGems()
}

// readGemfile exits with unreadable if Bundler cannot read the Gemfile or its lock, with the reason
// on the last line of stderr. The Gemfile itself may print anything.
const readGemfile = `require 'bundler'
begin
  Bundler.definition
rescue StandardError, ScriptError => error
  what = (error.cause || error).message.strip.lines.first.to_s.strip.sub(/\A\/\S*:\d+: /, '')
  line = error.message[/^ *# +from .*:(\d+)$/, 1]
  warn "\nBundler #{Bundler::VERSION} cannot read #{[File.basename(ENV['BUNDLE_GEMFILE']), line].compact.join(':')}: #{what}"
  exit 3
end`

const unreadable = 3

// checkGemfile refuses a Gemfile that Bundler cannot read, and from which it would install nothing.
func (s *supplier) checkGemfile() error {
	command := s.cmd(s.found.path, []string{"-e", readGemfile})
	var said strings.Builder
	command.Stderr = &said
	if err := command.Run(); err == nil || command.ProcessState == nil || command.ProcessState.ExitCode() != unreadable {
		return nil
	}
	return errors.New(lastLine(said.String()))
}

// listGems lists the gems of the bundle in the format of Gemfile.lock. It fails if one is missing
// on this machine.
const listGems = "require 'bundler'; Bundler.definition.specs.each { |gem| puts '    ' + gem.name + ' (' + gem.version.to_s + ')' }"

// lacksServer reports whether a Rack app has no web server among these gems, although the machine
// has one.
func (s *supplier) lacksServer(gems string) bool {
	if !s.app().has("config.ru") {
		return false
	}
	chosen := lockedGems("    " + gems)
	for _, server := range webServers {
		if _, ok := chosen[server]; ok {
			return false
		}
	}
	return s.silently(s.found.path, "-e", "exit %w["+strings.Join(webServers, " ")+"].any? { |name| Gem::Specification.stubs_for(name).any? }")
}

// resolveAnew lets Bundler choose among the gems of this machine, with a Gemfile that includes the
// app's. With the app's lock, it keeps to that as far as possible.
func (s *supplier) resolveAnew(locked bool) bool {
	own := filepath.Join(s.dep, "Gemfile")
	if err := s.place("Gemfile", 0o644, own); err != nil {
		return false
	}
	if lock := s.app().read(gemfile(s.app()) + ".lock"); locked && lock != "" {
		if err := os.WriteFile(own+".lock", []byte(lock), 0o644); err != nil {
			return false
		}
	}
	app := "STAND_IN_GEMFILE=" + filepath.Join(s.build, gemfile(s.app()))
	chosen, err := s.outputWith([]string{"BUNDLE_GEMFILE=" + own, app}, s.found.path, "-e", listGems)
	if err != nil {
		_ = os.Remove(own) // nothing reads it
		_ = os.Remove(own + ".lock")
		return false
	}
	// At launch, Bundler makes a lock for it.
	s.script(
		`export STAND_IN_GEMFILE="$HOME/${BUNDLE_GEMFILE:-Gemfile}"`,
		"export BUNDLE_GEMFILE="+s.atLaunch("Gemfile"),
	)
	s.log.Info("Gems: those of this machine that the Gemfile takes%s", s.differences(lockedGems("    "+chosen)))
	return true
}

// webServers are gems of which Gemfile adds one.
var webServers = []string{"puma", "falcon", "thin", "unicorn", "webrick"}

// differences describes how the gems differ from those that the app names.
func (s *supplier) differences(chosen map[string]string) string {
	text := ""
	locked := lockedGems(s.app().read(gemfile(s.app()) + ".lock"))
	var others []string
	for _, name := range slices.Sorted(maps.Keys(chosen)) {
		if version, ok := locked[name]; ok && version != chosen[name] {
			others = append(others, fmt.Sprintf("%s %s for %s", name, chosen[name], version))
		}
	}
	if len(others) > 0 {
		text = fmt.Sprintf(", in other versions than Gemfile.lock has (%s); bundle install installs those", strings.Join(others, ", "))
	}
	named := s.app().read(gemfile(s.app()))
	for _, server := range webServers {
		if _, ok := chosen[server]; ok && !strings.Contains(named, server) {
			return text + "; " + server + " serves, since the Gemfile names no web server: add one to it for the platform"
		}
	}
	return text
}

// installGems lets Bundler install the gems into the droplet.
func (s *supplier) installGems() error {
	bundle, found := s.app().Find("bundle")
	if !found {
		s.log.Warning("Some gems of the Gemfile are not on this machine, and there is no bundle on PATH to install them. The app runs with those that are here.")
		return nil
	}
	s.environ = append(s.environ, "BUNDLE_PATH="+filepath.Join(s.dep, "vendor_bundle"))
	if err := s.run(bundle, "install", "--retry", "1"); err != nil {
		s.log.Warning("%s. The app runs with the gems that are on this machine.", err)
		return os.RemoveAll(filepath.Join(s.dep, "vendor_bundle"))
	}
	version, err := s.output(s.found.path, "-e", "print RUBY_ENGINE, '/', RbConfig::CONFIG['ruby_version']")
	if err != nil {
		return err
	}
	installed := s.atLaunch("vendor_bundle/" + version)
	s.script(
		"export BUNDLE_PATH="+s.atLaunch("vendor_bundle"),
		"export GEM_PATH="+installed+"${GEM_PATH:+:$GEM_PATH}",
		"export PATH="+installed+"/bin:$PATH",
	)
	return nil
}

func gemfile(a App) string {
	if name := a.Getenv("BUNDLE_GEMFILE"); name != "" && filepath.IsLocal(name) {
		return name
	}
	return "Gemfile"
}

// lockedGems returns the versions in a Gemfile.lock.
func lockedGems(lock string) map[string]string {
	gems := map[string]string{}
	for _, match := range lockedGem.FindAllStringSubmatch(lock, -1) {
		gems[match[1]] = match[2]
	}
	return gems
}
