package status

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/env"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
)

// A RunningInstance is one instance of a running app, as its run tells of it.
type RunningInstance struct {
	Type     string    `json:"type"`
	Index    int       `json:"index"`
	Health   string    `json:"health"` // one of the Health constants
	Since    time.Time `json:"since"`
	Restarts int       `json:"restarts"`
	Details  string    `json:"details,omitempty"`
	// Root is the directory of its container, and Started when its processes were
	// started there. Pids are theirs: the app's own, and the sidecars' in the order of
	// the plan. All are zero while there is no container.
	Root    string    `json:"root,omitempty"`
	Started time.Time `json:"started,omitzero"`
	Pids    []int     `json:"pids,omitempty"`

	// Ended is set once the instance is not started again. Others do not see it then.
	Ended bool `json:"-"`
}

// A RunningApp is an app that a run of sidecar keeps running on this machine, for
// this user.
type RunningApp struct {
	Name string `json:"name"`
	// Directory is where that run was started.
	Directory string          `json:"directory"`
	Plan      controller.Plan `json:"plan"`
	// Instances are those that run, are started, or are started again, in the order
	// of the plan. They have a file of their own, since they change all the time.
	Instances []RunningInstance `json:"-"`
}

// runningSuffix is what the names of the files end in that tell of running apps.
// The run that a file tells of holds it locked, so that one whose run was killed
// is known by its not being locked.
const runningSuffix = ".json"

// instancesSuffix is the suffix of the second file, next to that one, with the state
// of the app's instances. It is replaced atomically.
const instancesSuffix = ".instances"

// newSuffix is what that file has behind its name until it is whole.
const newSuffix = ".new"

// runtimeVariable names the directory of this user alone for files of what runs.
const runtimeVariable = "XDG_RUNTIME_DIR"

// errTaken says that others could put files into a directory.
var errTaken = errors.New("not a directory of this user alone")

// runningDirectories are where these files may be, each for this user alone, the preferred
// one first: in the directory of this user's runtime files, in the temporary one, and
// there under further names, where another user has taken the first.
func runningDirectories(environ []string, tempDir string) []string {
	if tempDir == "" {
		tempDir = os.TempDir()
	}
	name := fmt.Sprintf("sidecar-running-%d", os.Getuid())
	first := filepath.Join(tempDir, name)
	further, _ := regularfile.Glob(tempDir, name+"-*") // the pattern is well-formed
	directories := append([]string{first}, further...)
	if path := env.Get(environ, runtimeVariable); filepath.IsAbs(path) {
		directories = append([]string{filepath.Join(path, name)}, directories...)
	}
	return directories
}

// RunningApps are the apps that run now, sorted by name. Environ is the environment of
// this program, and TempDir the platform's; empty means the system's. The error says
// of which apps nothing could be read; all others are there nevertheless.
func RunningApps(environ []string, tempDir string) ([]RunningApp, error) {
	var running []RunningApp
	var problems []error
	for _, directory := range runningDirectories(environ, tempDir) {
		if checkOwn(directory) != nil {
			continue // it is not there, or another user's
		}
		files, _ := regularfile.Glob(directory, "*"+runningSuffix) // the pattern is well-formed
		for _, file := range files {
			app, err := readRunning(file)
			switch {
			case err == nil:
				running = append(running, app)
			case !errors.Is(err, fs.ErrNotExist):
				problems = append(problems, fmt.Errorf("failed to read of a running app: %w", err))
			}
		}
	}
	sortRunning(running)
	return running, errors.Join(problems...)
}

// RemoveEnded removes the files of runs that have ended without doing so, and directories
// that have become empty.
func RemoveEnded(environ []string, tempDir string) {
	_, _ = RunningApps(environ, tempDir) // removes what is told of runs that have ended
	for _, directory := range runningDirectories(environ, tempDir) {
		if checkOwn(directory) == nil {
			_ = os.Remove(directory) // unless others are in it
		}
	}
}

// sortRunning sorts apps by name, and those of the same name by directory.
func sortRunning(running []RunningApp) {
	slices.SortStableFunc(running, func(a, b RunningApp) int {
		return strings.Compare(a.Name+"\x00"+a.Directory, b.Name+"\x00"+b.Directory)
	})
}

// readRunning reads of one app, or removes the files where it has ended without
// doing so; the error is then fs.ErrNotExist.
func readRunning(path string) (app RunningApp, err error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return app, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return app, errors.Join(err, fmt.Errorf("%s is not a regular file", path))
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err == nil {
		removeInstances(path)
		return app, errors.Join(os.Remove(path), fs.ErrNotExist)
	}
	if err := json.NewDecoder(file).Decode(&app); err != nil {
		return app, fmt.Errorf("failed to parse %s: %w", path, err)
	}
	app.Instances, err = readInstances(path)
	return app, err
}

// maxInstancesSize is the most that is read of an app's instances, in bytes.
const maxInstancesSize = 4 << 20

// readInstances reads of the instances of the app that the file of this path tells
// of: none where nothing is told of them yet, or any more.
func readInstances(path string) ([]RunningInstance, error) {
	content, err := regularfile.Read(path+instancesSuffix, maxInstancesSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var instances []RunningInstance
	if err := json.Unmarshal(content, &instances); err != nil {
		return nil, fmt.Errorf("failed to parse %s: %w", path+instancesSuffix, err)
	}
	return instances, nil
}

// removeInstances removes the file with the state of an app's instances. A leftover
// is never read.
func removeInstances(path string) {
	_ = os.Remove(path + instancesSuffix)
	_ = os.Remove(path + instancesSuffix + newSuffix)
}

// An announcement tells other runs of sidecar of an app that runs.
type announcement struct {
	file *os.File // locked
	path string
}

// announceRunning tells other runs of sidecar of an app that runs, until it is
// withdrawn.
func announceRunning(app RunningApp, environ []string, tempDir string) (*announcement, error) {
	file, err := createRunning(runningDirectories(environ, tempDir))
	if err != nil {
		return nil, err
	}
	a := &announcement{file: file, path: file.Name()}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
	if err == nil {
		err = json.NewEncoder(file).Encode(app)
	}
	if err == nil {
		err = os.Rename(a.path, a.path+runningSuffix)
	}
	if err != nil {
		a.withdraw()
		return nil, err
	}
	a.path += runningSuffix
	return a, nil
}

// tell tells of the app's instances, as they are now. It is for one at a time.
func (a *announcement) tell(instances []RunningInstance) error {
	content, err := json.Marshal(instances)
	if err != nil {
		return err
	}
	path := a.path + instancesSuffix
	if err := os.WriteFile(path+newSuffix, content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+newSuffix, path)
}

// withdraw takes back the announcement, of which nothing may be told any more.
func (a *announcement) withdraw() {
	removeInstances(a.path)
	// A file that cannot be removed is not locked any more, and a reader removes it.
	_ = os.Remove(a.path)
	_ = a.file.Close()
	_ = os.Remove(filepath.Dir(a.path)) // unless others are in it
}

// createRunning creates a file in the first of these directories that is this user's, or
// can be created, or else in a new one whose name is unpredictable.
func createRunning(directories []string) (*os.File, error) {
	for _, directory := range directories {
		file, err := createIn(directory)
		if err == nil || !errors.Is(err, errTaken) && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return file, err
		}
	}
	tempDir := filepath.Dir(directories[len(directories)-1])
	directory, err := os.MkdirTemp(tempDir, fmt.Sprintf("sidecar-running-%d-", os.Getuid()))
	if err != nil {
		return nil, err
	}
	return createIn(directory)
}

// createIn creates a file in the directory, which the last of those that were in
// it may just be removing.
func createIn(directory string) (file *os.File, err error) {
	for range 10 {
		if err := os.Mkdir(directory, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if err := checkOwn(directory); errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		if file, err = os.CreateTemp(directory, "new-*"); !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
	}
	return nil, fmt.Errorf("%s is removed again and again", directory)
}

// checkOwn makes sure that no other user can put a file into a directory.
func checkOwn(directory string) error {
	info, err := os.Lstat(directory)
	if err != nil {
		return err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(owner.Uid) != os.Getuid() || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("%s: %w", directory, errTaken)
	}
	return nil
}
