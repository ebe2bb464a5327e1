package platform

import (
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
)

// A runStatus is where the instances of one running app tell how they are: to this
// program, and to others by what the app is announced with.
type runStatus struct {
	mutex sync.Mutex
	app   RunningApp
	// others is nil where nobody else can be told.
	others *announcement
	// warn is called once, where others cannot be told any more.
	warn func(error)
}

// registry are those of all apps that a platform runs.
type registry struct {
	mutex sync.Mutex
	all   []*runStatus
}

func (b *registry) add(one *runStatus) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.all = append(b.all, one)
}

func (b *registry) remove(one *runStatus) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.all = slices.DeleteFunc(b.all, func(other *runStatus) bool { return other == one })
}

// Running are the apps that this platform runs, sorted as RunningApps sorts them.
func (p *Platform) Running() []RunningApp {
	p.boards.mutex.Lock()
	defer p.boards.mutex.Unlock()
	var running []RunningApp
	for _, one := range p.boards.all {
		running = append(running, one.read())
	}
	sortRunning(running)
	return running
}

// fill makes room for all instances of the plan, none of which has been started.
func (b *runStatus) fill(plan controller.Plan) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, process := range plan.Running() {
		for index := range process.Instances {
			b.app.Instances = append(b.app.Instances, RunningInstance{Type: process.Type, Index: index, Health: HealthStarting, Since: time.Now()})
		}
	}
	b.publish()
}

// updater returns a func that updates an instance by its number in the order of the
// plan. The change must not modify the state's slices.
func (b *runStatus) updater(number int) func(change func(*RunningInstance)) {
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

// read is the app as it is now, without the instances that have ended.
func (b *runStatus) read() RunningApp {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	app := b.app
	app.Instances = b.instances()
	return app
}

func (b *runStatus) instances() []RunningInstance {
	return slices.DeleteFunc(slices.Clone(b.app.Instances), func(i RunningInstance) bool { return i.ended })
}

func (b *runStatus) publish() {
	if b.others == nil {
		return
	}
	if err := b.others.tell(b.instances()); err != nil && b.warn != nil {
		b.warn(err)
		b.warn = nil
	}
}
