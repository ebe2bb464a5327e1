package dryrun

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/finding"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/packaged"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/authoring/check/shellscript"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/platform/stage"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// maxNamed is how many files a finding names.
const maxNamed = 5

// examine checks what a buildpack has written that was not the last one.
func (r *run) examine(files stage.Files, s *staged) {
	r.examineOwn(files, s)
	r.examineOutput(s)
	r.searchTree(files.Tmp, cacheDirectory, finding.SecretCache, s)
	supplied := filepath.Join(files.Tmp, snapshot)
	if !regularfile.Exists(supplied) {
		return // the failed staging is reported elsewhere
	}
	r.examineHome(files, s)
	r.examineProcesses(files, s)
	r.examineApp(files, s)
	r.examineDeps(supplied, s)
	(&written{run: r, staged: s, seen: files.Seen, index: s.index}).examine(supplied)
}

// examineLast checks what the last buildpack has written; it may change the app.
func (r *run) examineLast(files stage.Files, s *staged) {
	r.examineOwn(files, s)
	r.examineOutput(s)
	r.searchTree(files.Tmp, cacheDirectory, finding.SecretCache, s)
	if !r.into.Has(finding.SecretLaunch, "") && !r.into.Has(finding.SecretDroplet, "") {
		r.searchDroplet(files.Tmp, s) // it has copies of what was searched before
	}
}

// add adds one finding for all changed paths: they have one cause.
func (r *run) add(id string, s *staged, below string, changes map[string]string) {
	names, more := sorted(changes, maxNamed)
	if len(names) == 0 {
		return
	}
	f := finding.Finding{File: r.secrets.mask(path.Join(below, names[0])), Written: below != "", Found: changes[names[0]]}
	for i, name := range names[1:] {
		joint := ", "
		if i == 0 {
			joint = "; also "
		}
		f.Found += joint + r.secrets.mask(path.Join(below, name)) + " " + changes[name]
	}
	if more > 0 {
		f.Found += fmt.Sprintf(", and %d more", more)
	}
	if !r.into.Has(id, f.File) {
		f.Staging = s.name
		r.into.Add(id, f)
	}
}

// examineOwn finds changes of the buildpack's own files.
func (r *run) examineOwn(files stage.Files, s *staged) {
	for i, directory := range files.Buildpacks {
		if s.buildpacks[i] != r.Buildpack {
			continue
		}
		if now, err := list(directory); err == nil {
			r.add(finding.WritesOwn, s, "", r.own.changes(now))
		}
		return
	}
}

func (r *run) examineHome(files stage.Files, s *staged) {
	if files.Home == "" {
		return
	}
	if now, err := list(files.Home); err == nil {
		r.add(finding.WritesElsewhere, s, "home", listing{}.changes(now))
	}
	if s.output.has("read-only file system") {
		for _, line := range s.output.lines() {
			if strings.Contains(strings.ToLower(line), "read-only file system") && s.err == nil {
				r.into.Add(finding.WritesElsewhere, finding.Finding{Staging: s.name, Found: "the log has " + strconv.Quote(r.secrets.mask(strings.TrimSpace(line)))})
				return
			}
		}
	}
}

func (r *run) examineApp(files stage.Files, s *staged) {
	if now, err := list(filepath.Join(files.Tmp, appDirectory)); err == nil {
		r.add(finding.WritesApp, s, "app", r.baseline.changes(now))
		r.examineAppProfile(files, now, s)
		r.searchTree(files.Tmp, appDirectory, finding.SecretDroplet, s)
	}
}

// examineAppProfile checks scripts that the buildpack has added to the app's .profile.d, which
// processes source like those in profile.d (CF-15).
func (r *run) examineAppProfile(files stage.Files, now listing, s *staged) {
	root, err := os.OpenRoot(filepath.Join(files.Tmp, appDirectory))
	if err != nil {
		return
	}
	defer root.Close()
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if path.Dir(name) != ".profile.d" || r.baseline[name] == now[name] || !strings.HasPrefix(now[name], "file") {
			continue
		}
		content, err := regularfile.ReadIn(root, name, shellscript.MaxSize)
		if err != nil {
			continue
		}
		var found finding.List
		packaged.CheckProfile(&found, finding.Finding{File: path.Join("app", name), Written: true, Staging: s.name}, content)
		for _, f := range found.All() {
			if !r.into.HasLike(f.Rule.ID, f.File, f.Line) {
				r.into.Add(f.Rule.ID, f)
			}
		}
	}
}

// examineDeps finds changes in the directories of other buildpacks. The buildpack itself has two:
// the padded one, and the one in which the builder looks for launch.yml (CF-02).
func (r *run) examineDeps(supplied string, s *staged) {
	now, err := list(supplied)
	if err != nil {
		return
	}
	number, err := strconv.Atoi(s.index)
	if err != nil {
		return // it has no directory
	}
	unpadded := strconv.Itoa(number)
	before := r.suppliedBefore(s, number)
	for name := range now {
		top, rest, _ := strings.Cut(name, "/")
		other, err := strconv.Atoi(top)
		isOthers := err == nil && len(top) == len(s.index)
		switch {
		case top == s.index, top == unpadded && (rest == "" || rest == "launch.yml"),
			isOthers && rest == "" && before[name] == "", isOthers && other > number && rest == fillerFile:
			delete(now, name)
		}
	}
	r.add(finding.WritesDeps, s, "deps", before.changes(now))
}

// suppliedBefore returns what the buildpacks in front of the checked one have supplied.
func (r *run) suppliedBefore(s *staged, number int) listing {
	before := listing{}
	for i, buildpack := range s.buildpacks[:number] {
		if buildpack == r.fillers.filler {
			index := fmt.Sprintf("%0*d", len(s.index), i)
			before[index], before[path.Join(index, fillerFile)] = "directory", r.fillers.supplied()
		}
	}
	return before
}

// examineOutput finds secrets in the log.
func (r *run) examineOutput(s *staged) {
	for _, secret := range s.output.secretsFound() {
		if !r.into.Has(finding.SecretOutput, "") {
			r.into.Add(finding.SecretOutput, finding.Finding{Staging: s.name, Found: secret})
		}
	}
}

// examine checks everything in the directory.
func (w *written) examine(supplied string) {
	root, err := os.OpenRoot(filepath.Join(supplied, w.index))
	if err != nil {
		return // a missing directory is reported elsewhere
	}
	defer root.Close()
	w.root = root
	files := regularfile.FS(root)
	_ = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && name != "." {
			w.entry(files, name, entry)
		}
		return nil
	})
	w.config(files)
	w.launch(files)
}
