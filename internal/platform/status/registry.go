package status

import (
	"os"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
)

// A Publisher publishes the status of one running app: to this program, and to others by files.
type Publisher struct {
	mutex sync.Mutex
	app   RunningApp
	// others is nil if the status cannot be published to other programs.
	others *announcement
	// warn is called once, if publishing fails.
	warn func(error)
}

// A Registry has the publishers of all apps that a platform runs.
type Registry struct {
	mutex sync.Mutex
	all   []*Publisher
}

func (b *Registry) add(one *Publisher) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.all = append(b.all, one)
}

func (b *Registry) remove(one *Publisher) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.all = slices.DeleteFunc(b.all, func(other *Publisher) bool { return other == one })
}

// Running returns the running apps, sorted as by RunningApps.
func (b *Registry) Running() []RunningApp {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	var running []RunningApp
	for _, one := range b.all {
		running = append(running, one.read())
	}
	sortRunning(running)
	return running
}

// Register publishes an app to this program and to other runs of sidecar until withdraw is called.
// environ and tempDir are as for RunningApps. warn is called once if publishing to the others
// fails, on which nothing else depends.
func (b *Registry) Register(app RunningApp, environ []string, tempDir string, warn func(error)) (told *Publisher, withdraw func()) {
	told = &Publisher{app: app, warn: warn}
	directory, err := os.Getwd()
	if err == nil {
		told.app.Directory = directory
		told.others, err = announceRunning(told.app, environ, tempDir)
	}
	if err != nil {
		warn(err)
	}
	told.fill(app.Plan)
	b.add(told)
	return told, func() {
		b.remove(told)
		if told.others != nil {
			told.others.withdraw()
		}
	}
}

// fill adds all instances of the plan, before any of them has started.
func (b *Publisher) fill(plan controller.Plan) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, process := range plan.Running() {
		for index := range process.Instances {
			b.app.Instances = append(b.app.Instances, RunningInstance{Type: process.Type, Index: index, Health: HealthStarting, Since: time.Now()})
		}
	}
	b.publish()
}

// Updater returns a function that updates the instance with this number in the order of the plan.
// The change must not modify the state's slices.
func (b *Publisher) Updater(number int) func(change func(*RunningInstance)) {
	return func(change func(*RunningInstance)) {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		one := &b.app.Instances[number]
		before := *one
		change(one)
		if reflect.DeepEqual(before, *one) {
			return
		}
		if one.Health != before.Health {
			one.Since = time.Now()
		}
		b.publish()
	}
}

// read returns the app's current status, without instances that have ended.
func (b *Publisher) read() RunningApp {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	app := b.app
	app.Instances = b.instances()
	return app
}

func (b *Publisher) instances() []RunningInstance {
	return slices.DeleteFunc(slices.Clone(b.app.Instances), func(i RunningInstance) bool { return i.Ended })
}

func (b *Publisher) publish() {
	if b.others == nil {
		return
	}
	if err := b.others.tell(b.instances()); err != nil && b.warn != nil {
		b.warn(err)
		b.warn = nil
	}
}
