package dryrun

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
)

// snapshot is a directory in a staging's temporary directory, to which the last buildpack copies
// what all buildpacks have supplied.
const snapshot = "sidecar-check-deps"

// processes is a file next to it, to which the last buildpack writes the names of all processes that
// the phases before have left.
const processes = "sidecar-check-processes"

// fillers are the directories of the other buildpacks in the stagings.
type fillers struct {
	filler   string // supplies one file
	last     string // copies the others' profile.d, as a language buildpack does
	neighbor string // supplies sidecars; name sets their names
}

const (
	fillerFile    = "filler"
	fillerContent = "filler\n"
	fillerSupply  = "#!/bin/bash\necho filler > \"$3/$4/" + fillerFile + "\"\n"
	lastFinalize  = `#!/bin/bash
mine=" " pid=$$
while [ "$pid" -gt 1 ]; do
  mine="$mine$pid "
  while read -r key value; do [ "$key" != PPid: ] || parent=$value; done < "/proc/$pid/status"
  pid=$parent
done
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  left=
  for status in /proc/[0-9]*/status; do
    pid=${status#/proc/} name= state=
    while read -r key value _; do
      case $key in Name:) name=$value ;; State:) state=$value ;; esac
    done < "$status"
    case "$mine 1 $BASHPID " in *" ${pid%/*} "*) ;; *) [ "$state" = Z ] || [ -z "$name" ] || left="$left$name"$'\n' ;; esac
  done 2>/dev/null
  [ -n "$left" ] || break
  sleep 0.2
done
printf %s "$left" > "$TMPDIR/` + processes + `"
cp -a "$3" "$TMPDIR/` + snapshot + `"
for directory in "$3"/*; do
  for file in "$directory"/profile.d/*; do
    [ -f "$file" ] && cp "$file" "$5/${directory##*/}_${file##*/}"
  done
done
exit 0
`
	lastRelease    = "#!/bin/bash\necho 'default_process_types: {}'\n"
	neighborSupply = "#!/bin/bash\ncp \"$(dirname \"$0\")/../launch.yml\" \"$3/$4/launch.yml\"\nprintf 'name: neighbor\\nversion: 1.0.0\\n' > \"$3/$4/config.yml\"\n"
	neighborName   = "neighbor"
)

func makeFillers(directory string) (fillers, error) {
	f := fillers{filler: filepath.Join(directory, "filler"), last: filepath.Join(directory, "last"), neighbor: filepath.Join(directory, neighborName)}
	for path, content := range map[string]string{
		filepath.Join(f.filler, "bin/supply"):   fillerSupply,
		filepath.Join(f.last, "bin/finalize"):   lastFinalize,
		filepath.Join(f.last, "bin/release"):    lastRelease,
		filepath.Join(f.neighbor, "bin/supply"): neighborSupply,
	} {
		if err := writeProgram(path, content); err != nil {
			return f, err
		}
	}
	return f, nil
}

func writeProgram(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("failed to make a buildpack: %w", err)
	}
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		return fmt.Errorf("failed to make a buildpack: %w", err)
	}
	return nil
}

// name sets the names of the neighbor's sidecars.
func (f fillers) name(sidecars []string) error {
	var launch bytes.Buffer
	launch.WriteString("processes:\n")
	for _, name := range sidecars {
		fmt.Fprintf(&launch, "- type: %q\n  command: %s\n  limits: {memory: 1}\n  platforms: {cloudfoundry: {sidecar_for: [web]}}\n", name, neighborName)
	}
	return os.WriteFile(filepath.Join(f.neighbor, "launch.yml"), launch.Bytes(), 0o644)
}

// supplied is the description of fillerFile in a listing.
func (f fillers) supplied() string {
	return fmt.Sprintf("file, executable: false, sha256: %x", sha256.Sum256([]byte(fillerContent)))
}
