package standin

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
)

// ruby starts an app depending on its gems (ruby-buildpack, bin/detect and
// src/ruby/finalize/release.go).
var ruby = Buildpack{
	Name: "ruby_buildpack", language: "ruby",
	runtime: runtime{title: "Ruby", programs: []string{"ruby"}, ask: []string{"-e", "puts RbConfig.ruby, RUBY_VERSION"}},
	accepts: func(a App) bool { return a.has(gemfile(a)) },
	start:   startRuby,
	supply:  supplyRuby,
}

func startRuby(a App) (string, error) {
	gems := lockedGems(a.read(gemfile(a) + ".lock"))
	rails, hasRails := gems["rails"]
	major, _ := strconv.Atoi(strings.Split(rails, ".")[0])
	_, hasThin := gems["thin"]
	_, hasRack := gems["rack"]
	switch {
	case hasRails && major >= 4:
		return "bin/rails server -b 0.0.0.0 -p $PORT -e $RAILS_ENV", nil
	case hasRails && hasThin:
		return "bundle exec thin start -R config.ru -e $RAILS_ENV -p $PORT", nil
	case hasRails:
		return "bundle exec rails server -p $PORT", nil
	case hasRack && hasThin:
		return "bundle exec thin start -R config.ru -e $RACK_ENV -p $PORT", nil
	case hasRack, len(gems) == 0 && a.has(gemfile(a)) && a.has("config.ru"): // the buildpack would lock them first
		return "bundle exec rackup config.ru -p $PORT", nil
	case a.has("config.ru"):
		return "rackup config.ru -p $PORT", nil
	}
	return "", nil
}

// supplyRuby sets the environment as the buildpack does, and finds the gems.
func supplyRuby(s *supplier) error {
	s.script(
		"export RAILS_ENV=${RAILS_ENV:-production}", "export RACK_ENV=${RACK_ENV:-production}",
		"export RAILS_SERVE_STATIC_FILES=${RAILS_SERVE_STATIC_FILES:-enabled}", "export RAILS_LOG_TO_STDOUT=${RAILS_LOG_TO_STDOUT:-enabled}",
	)
	if _, rails := lockedGems(s.app().read(gemfile(s.app()) + ".lock"))["rails"]; rails {
		secret := make([]byte, 64)
		_, _ = rand.Read(secret) // it never fails
		s.script("export SECRET_KEY_BASE=${SECRET_KEY_BASE:-" + hex.EncodeToString(secret) + "}")
	}
	// This includes the developer's gems below HOME, which differs at launch.
	if path, err := s.output(s.found.path, "-e", "print Gem.path.join(File::PATH_SEPARATOR)"); err == nil {
		s.export("GEM_PATH", path)
	}
	if !s.app().has(gemfile(s.app())) {
		return nil
	}
	return s.supplyGems()
}
