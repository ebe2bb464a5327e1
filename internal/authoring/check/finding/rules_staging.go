package finding

// The identifiers of the rules for scripts, and for stagings.
const (
	ScriptSyntax      = "script-syntax"
	NeedsRoot         = "needs-root"
	IndexFixed        = "index-fixed"
	ProfileSyntax     = "profile-syntax"
	ProfileOptions    = "profile-options"
	ProfileExit       = "profile-exit"
	ProfileExec       = "profile-exec"
	ProfileBlocks     = "profile-blocks"
	ProfileDirectory  = "profile-directory"
	ProfilePlatform   = "profile-platform-variable"
	ProfileReplaces   = "profile-replaces-variable"
	NotIsolated       = "not-isolated"
	NotBuilt          = "not-built"
	StagingFailed     = "staging-failed"
	StagingNetwork    = "staging-network"
	StagingTimeout    = "staging-timeout"
	StagingProcess    = "staging-process"
	StagingExcess     = "staging-excess"
	StagingPosition   = "staging-position"
	StagingStack      = "staging-stack"
	IndexPadding      = "index-padding"
	NeighborFails     = "neighbor-fails"
	NeighborReplaced  = "neighbor-replaced"
	WritesApp         = "writes-app"
	WritesDeps        = "writes-other-deps"
	WritesElsewhere   = "writes-elsewhere"
	WritesOwn         = "writes-own-files"
	WrittenPath       = "staging-path"
	WrittenLink       = "written-link-dangling"
	WrittenWritable   = "written-world-writable"
	ConfigMissing     = "config-missing"
	ConfigInvalid     = "config-invalid"
	LaunchSyntax      = "launch-syntax"
	LaunchKey         = "launch-unknown-key"
	LaunchName        = "launch-name"
	LaunchCommand     = "launch-command"
	LaunchProgram     = "launch-program"
	LaunchMisplaced   = "launch-misplaced"
	LaunchTwice       = "launch-name-twice"
	LaunchReplacesApp = "launch-process-name"
	LaunchProcess     = "launch-no-sidecar"
	LaunchFor         = "launch-sidecar-for"
	LaunchNoMemory    = "launch-no-memory"
	LaunchMemory      = "launch-memory"
	SecretOutput      = "secret-in-output"
	SecretLaunch      = "secret-in-launch"
	SecretDroplet     = "secret-in-droplet"
	SecretCache       = "secret-in-cache"
)

var scriptRules = []Rule{
	{ScriptSyntax, Error, cf("CF-01"), "a script in bin has a syntax error", "a script that its shell can read: bash -n tells"},
	{NeedsRoot, Warning, cf("CF-03"), "a script does what only root may", "no sudo, and no package manager of the system: staging runs as the user vcap"},
	{IndexFixed, Warning, cf("CF-02"), "a script relies on the buildpack's position in the push", "the fourth argument of bin/supply, as it was passed, padded or not"},
	{ProfileSyntax, Error, cf("CF-15"), "a profile.d script has a syntax error", "a script that bash can read: every process of the app sources it, and none would start as expected"},
	{ProfileOptions, Error, cf("CF-15"), "a profile.d script sets options of the shell", "no set -e, -u, -x or -o pipefail: the script is sourced, so the options hold for the scripts after it, too, and end the app's process or print values to its log"},
	{ProfileExit, Error, cf("CF-15"), "a profile.d script exits", "return instead of exit: the script is sourced, and ends the app's process; to end it on purpose, exit with a status other than 0, under a condition"},
	{ProfileExec, Error, cf("CF-15"), "a profile.d script replaces the process", "the program without exec: the script is sourced, so the app's command would never run"},
	{ProfileBlocks, Error, cf("CF-15"), "a profile.d script does not end", "a script that ends at once: every process of the app sources it before its command starts; what runs for long is a sidecar"},
	{ProfileDirectory, Warning, cf("CF-14", "CF-15"), "a profile.d script changes the directory", "cd in a subshell: ( cd DIRECTORY && … ), or a way back, since the app's command starts in its own directory"},
	{ProfilePlatform, Error, cf("CF-14", "CF-15", "CF-24"), "a profile.d script sets a variable of the platform", "a name of the buildpack's own"},
	{ProfileReplaces, Warning, cf("CF-15"), "a profile.d script replaces a variable that others have", "the old value in the new one, such as PATH=$DEPS_DIR/IDX/bin:$PATH, for which supply writes the IDX that it was passed"},
}

var stagingRules = []Rule{
	{NotBuilt, Note, nil, "it is not staged, as its programs are built when it is packaged", "the package, to have it staged, too: scripts/package.sh makes it in a repository that sidecar new has written"},
	{NotIsolated, Note, nil, "the buildpack's scripts were not run", "a machine that allows user namespaces, or --trust, if you trust the buildpack"},
	{StagingFailed, Error, cf("CF-11"), "a staging fails", "an exit status of 0; if the buildpack needs something of the app, name it with --app, --env or --services"},
	{StagingNetwork, Warning, nil, "a staging needs the network", "a cached package, for platforms without Internet access; --network to check the rest"},
	{StagingTimeout, Error, cf("CF-11"), "a staging does not end", "phases that end, and leave nothing running: the platform gives up after 15 minutes"},
	{StagingProcess, Warning, cf("CF-11"), "supply leaves a process running", "a supply that ends after all that it has started: the staging container is removed, and only sidecars run in the app's"},
	{StagingExcess, Error, cf("CF-11"), "a staging writes more than its container has", "less than 4 GB, all in all"},
	{StagingPosition, Error, cf("CF-01", "CF-02"), "a staging fails for another position of the buildpack", "the same behavior wherever the buildpack is in the push; IDX is 00 to 09 with ten buildpacks"},
	{StagingStack, Error, nil, "a staging fails on one of the stacks", "support for cflinuxfs4 and cflinuxfs5, or a message that names the stacks"},
	{IndexPadding, Warning, cf("CF-02"), "its sidecars are lost with ten buildpacks", "a second copy of launch.yml in DEPS_DIR/0, where IDX is 00, since the builder looks for it there"},
	{NeighborFails, Error, cf("CF-01"), "a staging fails if the push names the buildpack twice", "a check for what an earlier buildpack of the same kind has done: a push may have two, of different versions"},
	{NeighborReplaced, Warning, cf("CF-07"), "its sidecar silently replaces another buildpack's", "a failure, or at least a line in the log, if the launch.yml of an earlier buildpack has the name"},
}

var writtenRules = []Rule{
	{WritesApp, Error, cf("CF-03"), "supply changes the app", "files in DEPS_DIR/IDX alone; profile.d scripts in DEPS_DIR/IDX/profile.d, and not in the app's .profile.d"},
	{WritesDeps, Error, cf("CF-03"), "supply changes the directory of another buildpack", "files in DEPS_DIR/IDX alone"},
	{WritesElsewhere, Warning, cf("CF-03"), "supply writes outside of its directories", "files in DEPS_DIR/IDX and the cache directory: nothing else gets into the droplet"},
	{WritesOwn, Error, cf("CF-03"), "a staging changes the buildpack's own files", "files that stay as they were packaged: the platform keeps a buildpack for other stagings, and a cell may have it read-only"},
	{WrittenPath, Error, cf("CF-14"), "a path of the staging container is in the droplet", "paths below $DEPS_DIR or $HOME, expanded at the start: the droplet moves from /tmp to /home/vcap"},
	{WrittenLink, Warning, cf("CF-14"), "a link in the droplet leads nowhere", "relative links within the buildpack's own directory"},
	{WrittenWritable, Warning, cf("CF-03"), "everybody may write to a file of the droplet", "mode 0644, or 0755 for programs"},
	{ConfigMissing, Warning, cf("CF-04"), "the app's list of buildpacks has an empty name for it", "the buildpack's name and version in this file"},
	{ConfigInvalid, Warning, cf("CF-04"), "the platform cannot use config.yml", "YAML with name, version and config, a mapping"},
}

var launchRules = []Rule{
	{LaunchSyntax, Error, cf("CF-05"), "the platform cannot read launch.yml", "processes: a list of type, command, limits.memory (an integer, in MB) and platforms.cloudfoundry.sidecar_for (a list); anything else fails the staging"},
	{LaunchKey, Warning, cf("CF-05"), "launch.yml has a key that the platform drops", "processes, type, command, limits.memory and platforms.cloudfoundry.sidecar_for, spelled this way"},
	{LaunchName, Error, cf("CF-27"), "the name of a sidecar or process type is not valid", "a type of 1 to 255 characters that is not blank"},
	{LaunchCommand, Error, cf("CF-27"), "a command is not valid", "a command of 1 to 4096 characters that is not blank"},
	{LaunchProgram, Error, cf("CF-15", "CF-17"), "a sidecar's program cannot be run", "an executable file for Linux on amd64 at this path in the droplet"},
	{LaunchMisplaced, Error, cf("CF-05"), "a sidecar is in a file that the platform does not read", "launch.yml in DEPS_DIR/IDX itself, spelled this way"},
	{LaunchTwice, Error, cf("CF-08", "CF-32"), "two entries have one name", "a name for each sidecar: both get through the staging, and fail later"},
	{LaunchReplacesApp, Error, cf("CF-07"), "a sidecar has the name of a process type", "a name that no process type has: the sidecar replaces the app's process, or is replaced by it"},
	{LaunchProcess, Note, cf("CF-06"), "an entry is a process, and no sidecar", "sidecar_for: [web], if it is to be a sidecar"},
	{LaunchFor, Error, cf("CF-28"), "sidecar_for is not valid", "process types of 1 to 255 characters, each once"},
	{LaunchNoMemory, Warning, cf("CF-05", "CF-22"), "a sidecar reserves no memory", "limits: {memory: MB}: otherwise, the app's runtime takes all of the container's memory for itself"},
	{LaunchMemory, Error, cf("CF-29", "CF-33", "CF-37"), "the memory of a sidecar is not valid", "a number of MB that is above 0, and below the memory of the process"},
}

var secretRules = []Rule{
	{SecretOutput, Error, nil, "a credential is in the staging log", "messages without values of VCAP_SERVICES and of the environment"},
	{SecretLaunch, Error, cf("CF-12"), "a credential is in launch.yml", "a reference that the process expands when it starts: Cloud Controller stores and shows commands"},
	{SecretDroplet, Error, nil, "a credential is in the droplet", "credentials read from VCAP_SERVICES when the process starts: a droplet is stored, downloaded and outlives a rotation"},
	{SecretCache, Error, nil, "a credential is in the buildpack's cache", "files without credentials: the platform stores the cache for the next staging"},
}
