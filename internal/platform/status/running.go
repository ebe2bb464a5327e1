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

// A RunningInstance is an instance of a running app, as its run publishes it.
type RunningInstance struct {
	Type     string    `json:"type"`
	Index    int       `json:"index"`
	Health   string    `json:"health"` // one of the Health constants
	Since    time.Time `json:"since"`
	Restarts int       `json:"restarts"`
	Details  string    `json:"details,omitempty"`
	// Root is the directory of its container, and Started the time when its processes were started
	// there. Pids are the IDs of these processes: the app's own, then the sidecars' in the order of
	// the plan. All are zero without a container.
	Root    string    `json:"root,omitempty"`
	Started time.Time `json:"started,omitzero"`
	Pids    []int     `json:"pids,omitempty"`

	// Ended is true if the instance will not be restarted. It is then not published.
	Ended bool `json:"-"`
}

// A RunningApp is an app that a run of sidecar, of the same user, runs on this machine.
type RunningApp struct {
	Name string `json:"name"`
	// Directory is where the run was started.
	Directory string          `json:"directory"`
	Plan      controller.Plan `json:"plan"`
	// Instances are running, starting or waiting for a restart, in the order of the plan. They are
	// in a separate file, since they change often.
	Instances []RunningInstance `json:"-"`
}

// runningSuffix is the suffix of files that announce running apps. A run holds a lock on its file,
// so an unlocked file belongs to a run that was killed.
const runningSuffix = ".json"

// instancesSuffix is the suffix of the second file, next to that one, with the state of the app's
// instances. It is replaced atomically.
const instancesSuffix = ".instances"

// newSuffix is appended to that file's name until it is complete.
const newSuffix = ".new"

// runtimeVariable names the directory for this user's runtime files.
const runtimeVariable = "XDG_RUNTIME_DIR"

// errTaken says that other users could put files into a directory.
var errTaken = errors.New("not a directory of this user alone")

// runningDirectories returns the possible directories of these files, the preferred one first. Only
// this user can use them: one in the directory for runtime files, one in the temporary directory
// and, if another user has taken that name, further ones there.
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

// RunningApps returns the running apps, sorted by name. environ is this program's environment, and
// tempDir the platform's directory; empty means the system's. The error names apps whose files
// cannot be read; the result has all others nevertheless.
func RunningApps(environ []string, tempDir string) ([]RunningApp, error) {
	var running []RunningApp
	var problems []error
	for _, directory := range runningDirectories(environ, tempDir) {
		if checkOwn(directory) != nil {
			continue // it does not exist, or belongs to another user
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

// RemoveEnded removes the files of killed runs, and empty directories.
func RemoveEnded(environ []string, tempDir string) {
	_, _ = RunningApps(environ, tempDir) // removes the files of killed runs
	for _, directory := range runningDirectories(environ, tempDir) {
		if checkOwn(directory) == nil {
			_ = os.Remove(directory) // unless others are in it
		}
	}
}

// sortRunning sorts apps by name, then by directory.
func sortRunning(running []RunningApp) {
	slices.SortStableFunc(running, func(a, b RunningApp) int {
		return strings.Compare(a.Name+"\x00"+a.Directory, b.Name+"\x00"+b.Directory)
	})
}

// readRunning reads an app's file. If its run was killed, it removes the app's files, and the error
// is fs.ErrNotExist.
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

// maxInstancesSize is the maximum size of the file with an app's instances, in bytes.
const maxInstancesSize = 4 << 20

// readInstances reads the instances of the app with the file path; none if they are not published
// yet, or anymore.
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

// removeInstances removes the file with an app's instances. A leftover one is never read.
func removeInstances(path string) {
	_ = os.Remove(path + instancesSuffix)
	_ = os.Remove(path + instancesSuffix + newSuffix)
}

// An announcement publishes a running app to other runs of sidecar.
type announcement struct {
	file *os.File // locked
	path string
}

// announceRunning publishes a running app to other runs of sidecar until it is withdrawn.
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

// tell publishes the current state of the app's instances. It is not safe for concurrent use.
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

// withdraw removes the announcement. tell must not be called after it.
func (a *announcement) withdraw() {
	removeInstances(a.path)
	// If this fails, a reader removes the file, since it is not locked anymore.
	_ = os.Remove(a.path)
	_ = a.file.Close()
	_ = os.Remove(filepath.Dir(a.path)) // unless others are in it
}

// createRunning creates a file in the first of these directories that belongs to this user or can
// be created, or else in a new one with an unpredictable name.
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

// createIn creates a file in the directory, and retries if another run removes the directory at the
// same time.
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

// checkOwn returns an error if another user can put files into a directory.
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
