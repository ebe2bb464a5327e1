package standin

import "errors"

// Binary is the platform's buildpack for apps that need no language.
const Binary = "binary_buildpack"

// staticfile is nginx with a configuration that the buildpack writes (staticfile-buildpack,
// bin/detect and bin/release).
var staticfile = Buildpack{
	Name: "staticfile_buildpack", language: "staticfile", runtime: runtime{title: "nginx", programs: []string{"nginx"}},
	accepts: func(a App) bool { return a.has("Staticfile") },
	start:   onlyItself("includes an nginx with its own configuration"),
}

// nginx fills in the app's nginx.conf when it starts (nginx-buildpack, bin/release).
var nginx = Buildpack{
	Name: "nginx_buildpack", language: "nginx", runtime: runtime{title: "nginx", programs: []string{"nginx"}},
	accepts: func(a App) bool { return a.has("nginx.conf") },
	start:   onlyItself("fills in the app's nginx.conf when it starts"),
}

// php has a web server and PHP-FPM with its own configurations (php-buildpack, bin/detect).
var php = Buildpack{
	Name: "php_buildpack", language: "php", runtime: runtime{title: "PHP", programs: []string{"php"}, ask: []string{"-r", `echo PHP_BINARY, "\n", PHP_VERSION, "\n";`}},
	accepts: func(a App) bool { return a.has("composer.json") || a.contains(3, ".php") },
	start:   onlyItself("includes a web server and PHP-FPM with their own configurations"),
}

// dotnet publishes the app itself (dotnet-core-buildpack, bin/detect).
var dotnet = Buildpack{
	Name: "dotnet_core_buildpack", language: "dotnet-core", runtime: runtime{title: ".NET", programs: []string{"dotnet"}},
	accepts: func(a App) bool {
		return len(a.matches("*.runtimeconfig.json")) > 0 || a.contains(4, ".csproj", ".fsproj", ".vbproj")
	},
	start: onlyItself("publishes the app itself"),
}

// rLanguage has no start command that starts an app (r-buildpack, bin/release).
var rLanguage = Buildpack{
	Name: "r_buildpack", language: "r", runtime: runtime{title: "R", programs: []string{"Rscript"}},
	accepts: func(a App) bool { return a.has("r.yml") },
	start:   none,
}

// binary installs nothing, and its own start command only says that there is none
// (binary-buildpack, bin/release).
var binary = Buildpack{
	Name: Binary, language: "binary",
	accepts: func(App) bool { return false },
	start:   none,
}

// none is for a buildpack without a default start command.
func none(App) (string, error) { return "", nil }

// onlyItself is for a buildpack whose start command needs programs that only the buildpack
// includes.
func onlyItself(why string) func(App) (string, error) {
	return func(App) (string, error) { return "", errors.New(why) }
}
