package packaged

import (
	"bytes"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/shellscript"
)

// CheckProfile checks a script that every process of an app sources (CF-15). in has the script's
// location.
func CheckProfile(into *finding.List, in finding.Finding, content []byte) {
	add := func(id string, all []shellscript.Problem) {
		for _, p := range all {
			f := in
			f.Line, f.Found = p.Line, p.Found
			into.Add(id, f)
		}
	}
	if bytes.HasPrefix(content, []byte("\xef\xbb\xbf")) {
		in.Right = "the file without its first three bytes: save it as UTF-8 without BOM"
		add(finding.ProfileSyntax, []shellscript.Problem{{Line: 1, Found: "a byte order mark, which becomes part of the first command"}})
		return
	}
	if line := shellscript.WindowsLine(content); line > 0 {
		in.Right = windowsRight
		add(finding.ProfileSyntax, []shellscript.Problem{{Line: line, Found: windowsFound}})
		return
	}
	script, problem := shellscript.Parse(content)
	if problem != nil {
		add(finding.ProfileSyntax, []shellscript.Problem{*problem})
		return
	}
	if script == nil {
		return
	}
	effects := shellscript.Sourced(script)
	add(finding.ProfileSyntax, effects.Syntax)
	add(finding.ProfileOptions, effects.Options)
	add(finding.ProfileExit, effects.Exits)
	add(finding.ProfileExec, effects.Execs)
	add(finding.ProfileBlocks, effects.Blocks)
	add(finding.ProfileDirectory, effects.Directory)
	add(finding.ProfilePlatform, effects.Platform)
	add(finding.ProfileReplaces, effects.Replaced)
}
