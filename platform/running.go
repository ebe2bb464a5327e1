package platform

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

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/regularfile"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A RunningApp is an app that a run of sidecar keeps running on this machine, for
// this user.
type RunningApp struct {
	Name string `json:"name"`
	// Directory is where that run was started.
	Directory string      `json:"directory"`
	Plan      launch.Plan `json:"plan"`
	// Instances are those that run, are started, or are started again, in the order
	// of the plan. They have a file of their own, since they change all the time.
	Instances []RunningInstance `json:"-"`
}

// runningSuffix is what the names of the files end in that tell of running apps.
// The run that a file tells of holds it locked, so that one whose run was killed
// is known by its not being locked.
const runningSuffix = ".json"

// instancesSuffix is what the name of the file ends in, beside that one, which tells
// of the app's instances. It is replaced as a whole.
const instancesSuffix = ".instances"

// newSuffix is what that file has behind its name until it is whole.
const newSuffix = ".new"

// runningDirectory is where these files are, for this user alone.
func runningDirectory(tempDir string) string {
	if tempDir == "" {
		tempDir = os.TempDir()
	}
	return filepath.Join(tempDir, fmt.Sprintf("sidecar-running-%d", os.Getuid()))
}

// RunningApps are the apps that run now, sorted by name. TempDir is the
// platform's; empty stands for the system's.
func RunningApps(tempDir string) ([]RunningApp, error) {
	directory := runningDirectory(tempDir)
	if err := checkOwn(directory); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, fmt.Errorf("failed to look for running apps: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(directory, "*"+runningSuffix))
	if err != nil {
		return nil, fmt.Errorf("failed to look for running apps: %w", err)
	}
	var running []RunningApp
	for _, file := range files {
		app, err := readRunning(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("failed to read of a running app: %w", err)
		}
		running = append(running, app)
	}
	sortRunning(running)
	return running, nil
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

// removeInstances removes what is told of an app's instances. What stays behind is
// read by nobody.
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
func (p *Platform) announceRunning(app RunningApp) (*announcement, error) {
	file, err := createIn(runningDirectory(p.TempDir))
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
	// What cannot be removed is not locked any more, and removed by a reader.
	_ = os.Remove(a.path)
	_ = a.file.Close()
	_ = os.Remove(filepath.Dir(a.path)) // unless others are in it
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

// checkOwn makes sure that nobody else can put a file into a directory.
func checkOwn(directory string) error {
	info, err := os.Lstat(directory)
	if err != nil {
		return err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(owner.Uid) != os.Getuid() || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("%s is not a directory of this user alone", directory)
	}
	return nil
}
