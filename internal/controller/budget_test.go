package controller_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/quick"

	mathrand "math/rand"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// A push is any app with any droplet: some types, some sidecars of both origins
// and sizes of every unit.
type push struct {
	staged []launch.Process
	app    controller.App
}

// Generate makes one for testing/quick.
func (push) Generate(random *mathrand.Rand, size int) reflect.Value {
	types := []string{"web", "worker", "clock"}
	some := func() []string {
		chosen := slices.Clone(types)
		random.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
		return chosen[:1+random.Intn(len(chosen))]
	}
	var p push
	for _, t := range types {
		if random.Intn(2) == 0 {
			p.app.Processes = append(p.app.Processes, controller.AppProcess{Type: t, Memory: anySize(random, 8192), Instances: number(random.Intn(3))})
		}
		if random.Intn(2) == 0 {
			p.staged = append(p.staged, launch.Process{Type: t, Command: "run"})
		}
	}
	if p.staged == nil {
		p.staged = []launch.Process{{Type: "web", Command: "run"}} // without any, the platform refuses it all
	}
	for i := range random.Intn(6) {
		p.app.Sidecars = append(p.app.Sidecars, controller.AppSidecar{
			Name: fmt.Sprint("user ", i), Command: "run", ProcessTypes: controller.TypeNames(some()...), Memory: anySize(random, 1024)})
	}
	for i := range random.Intn(6) {
		p.staged = append(p.staged, launch.Process{
			Type: fmt.Sprint("buildpack ", i), Command: "run", SidecarFor: some(), Memory: int(anySize(random, 1024))})
	}
	return reflect.ValueOf(p)
}

// anySize is none at all, or one that was written in some unit.
func anySize(random *mathrand.Rand, maximum int64) memory.Size {
	written := []string{"%dM", "%dm", "%dMiB", "%d", "%dMB"}
	mb := random.Int63n(maximum)
	text := fmt.Sprintf(written[random.Intn(len(written))], mb)
	switch random.Intn(8) {
	case 0:
		return 0
	case 1:
		text = fmt.Sprintf("%dK", mb<<10+random.Int63n(1<<10))
	case 2:
		text = fmt.Sprintf("%dB", mb<<20+random.Int63n(1<<20))
	case 3:
		text = fmt.Sprintf("%d.%02dG", mb>>10, random.Intn(100))
	}
	size, err := memory.Parse(text)
	if err != nil {
		panic(err)
	}
	return size
}

func testBudget(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect
	holds := func(property any) {
		t.Helper()
		Expect(quick.Check(property, &quick.Config{MaxCount: 3000})).To(Succeed())
	}

	it("CF-22, CF-23, CF-33 shares out all of a process's memory and no more", func() {
		accepted := 0
		holds(func(p push) bool {
			plan, err := controller.NewPlan(p.staged, p.app)
			if err != nil {
				return true
			}
			accepted++
			for _, process := range plan.Processes {
				sum := process.MemoryLimit
				for _, s := range process.Sidecars {
					sum += s.Memory
					if s.MemoryLimit <= 0 || s.MemoryLimit > process.Memory {
						return false
					}
				}
				if sum != process.Memory || process.MemoryLimit <= 0 || process.MemoryLimit > process.Memory {
					return false
				}
			}
			return true
		})
		Expect(accepted).To(BeNumerically(">", 300), "of what was made up, enough is valid")
	})

	it("CF-33 refuses just the processes that the sidecars leave nothing", func() {
		holds(func(p push) bool {
			plan, _ := controller.NewPlan(p.staged, p.app)
			var overcommitted, refused []string
			for _, process := range plan.Processes {
				if process.MemoryLimit <= 0 {
					overcommitted = append(overcommitted, process.Type)
				}
			}
			for _, refusal := range plan.Refusals {
				refused = append(refused, refusal.Process)
			}
			slices.Sort(overcommitted)
			slices.Sort(refused)
			return slices.Equal(overcommitted, refused)
		})
	})

	it("CF-34 comes to the same plan whatever the order of the definitions", func() {
		holds(func(p push, seed uint64) bool {
			shuffled := push{staged: slices.Clone(p.staged), app: controller.App{
				Processes: slices.Clone(p.app.Processes), Sidecars: slices.Clone(p.app.Sidecars)}}
			random := rand.New(rand.NewPCG(seed, 1))
			shuffle(random, shuffled.staged)
			shuffle(random, shuffled.app.Sidecars)
			shuffle(random, shuffled.app.Processes)
			one, _ := controller.NewPlan(p.staged, p.app)
			other, _ := controller.NewPlan(shuffled.staged, shuffled.app)
			return reflect.DeepEqual(sorted(one), sorted(other))
		})
	})

	it("CF-38 comes to the same plan when the same is pushed again", func() {
		holds(func(p push) bool {
			record := controller.NewState()
			first, err := record.Push(p.staged, p.app)
			if err != nil {
				return true
			}
			second, err := record.Push(p.staged, p.app)
			return err == nil && reflect.DeepEqual(sorted(first), sorted(second))
		})
	})
}

func shuffle[T any](random *rand.Rand, list []T) {
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// sorted is a plan without the order in which things were defined.
func sorted(plan controller.Plan) controller.Plan {
	slices.SortFunc(plan.Processes, func(a, b controller.PlannedProcess) int { return strings.Compare(a.Type, b.Type) })
	for _, process := range plan.Processes {
		slices.SortFunc(process.Sidecars, func(a, b controller.PlannedSidecar) int { return strings.Compare(a.Name, b.Name) })
	}
	for i := range plan.Refusals {
		plan.Refusals[i].Detail = "" // it names the sidecars in their order
	}
	slices.SortFunc(plan.Refusals, func(a, b controller.Refusal) int {
		return strings.Compare(a.Process+a.Message, b.Process+b.Message)
	})
	slices.Sort(plan.Warnings)
	return plan
}
