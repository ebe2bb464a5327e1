package supply

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/sidecar"
)

// optionList sets one of the variables to which limitsScript adds a limit.
var optionList = regexp.MustCompile(`^\s*(?:export\s+|declare\s+-x\s+)?(JAVA_TOOL_OPTIONS|NODE_OPTIONS)=(.*)`)

// runtimeSize is an option that states a size, so that no limit is to be kept.
var runtimeSize = regexp.MustCompile(`-Xmx|-XX:MaxHeapSize|-XX:MaxRAM|max[-_](?:old[-_]space|heap)[-_]size`)

// maxProfile is how much of an app's profile script is looked at, in bytes.
const maxProfile = 256 << 10

// warnOfOverridden says where the app's own scripts replace the limits of language
// runtimes, after which they come (PR-15).
func (s *Supplier) warnOfOverridden(sidecars []sidecar.Definition) error {
	if len(sidecars) == 0 {
		return nil
	}
	app, err := os.OpenRoot(s.Stager.BuildDir())
	if err != nil {
		return fmt.Errorf("failed to open the app: %w", err)
	}
	defer app.Close() // it was only read
	files := regularfile.FS(app)
	scripts, err := fs.Glob(files, ".profile.d/*")
	if err != nil {
		return fmt.Errorf("failed to list .profile.d: %w", err)
	}
	for _, name := range append(scripts, ".profile") {
		for _, warning := range overridden(files, name) {
			s.Log.Warning("%s", warning)
		}
	}
	return nil
}

// overridden are the warnings of one script. One that cannot be read has none.
func overridden(files fs.FS, name string) []string {
	file, err := files.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close() // it was only read
	content, err := io.ReadAll(io.LimitReader(file, maxProfile))
	if err != nil {
		return nil
	}
	var warnings []string
	for i, line := range strings.Split(string(content), "\n") {
		found := optionList.FindStringSubmatch(line)
		if found == nil || runtimeSize.MatchString(found[2]) || strings.Contains(found[2], "$"+found[1]) || strings.Contains(found[2], "${"+found[1]) {
			continue
		}
		warnings = append(warnings, fmt.Sprintf(`%s:%d replaces %s, and with it the memory limit of the app and of the sidecars without a supervisor; expected %[3]s="$%[3]s …", or a size in it`, name, i+1, found[1]))
	}
	return warnings
}
