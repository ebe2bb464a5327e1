package controller_test

import (
	"fmt"
	"testing"

	"github.com/cloudfoundry/java-buildpack-memory-calculator/v4/calculator"
	"github.com/cloudfoundry/java-buildpack-memory-calculator/v4/flags"
	jvm "github.com/cloudfoundry/java-buildpack-memory-calculator/v4/memory"
	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/controller"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
	"github.com/cloudfoundry-community/sidecar-buildpack/launch"
)

// testCalculator has the Java buildpack's own memory calculator share out what
// the plan leaves the app.
func testCalculator(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	const (
		threads = 250  // as the Java buildpack takes where nothing is said
		classes = 6000 // as many as a Spring Boot app loads
	)
	// calculate is how much all regions of a JVM come to that is told of a limit.
	calculate := func(limit string) (heap, all memory.Size) {
		t.Helper()
		var total flags.TotalMemory
		Expect(total.Set(limit)).To(Succeed())
		headRoom, options, loaded, stacks := flags.DefaultHeadRoom, flags.DefaultJVMOptions, flags.LoadedClassCount(classes), flags.ThreadCount(threads)
		regions, err := calculator.Calculator{HeadRoom: &headRoom, JvmOptions: &options, LoadedClassCount: &loaded, ThreadCount: &stacks, TotalMemory: &total}.Calculate()
		Expect(err).NotTo(HaveOccurred())
		var bytes, heapBytes int64
		for _, region := range regions {
			switch size := region.(type) {
			case jvm.MaxHeap:
				heapBytes = int64(size)
				bytes += int64(size)
			case jvm.Stack:
				bytes += threads * int64(size)
			case jvm.MaxDirectMemory:
				bytes += int64(size)
			case jvm.MaxMetaspace:
				bytes += int64(size)
			case jvm.ReservedCodeCache:
				bytes += int64(size)
			default:
				t.Fatalf("the calculator has a region more: %T", region)
			}
		}
		const mebibyte = 1 << 20
		return memory.Size(heapBytes / mebibyte), memory.Size((bytes + mebibyte - 1) / mebibyte)
	}
	limit := func(process memory.Size, reserved ...memory.Size) string {
		t.Helper()
		app := controller.App{Processes: []controller.AppProcess{{Type: "web", Memory: process}}}
		staged := []launch.Process{{Type: "web", Command: "java"}}
		for i, size := range reserved { // every other one is the manifest's
			name := fmt.Sprint("sidecar ", i)
			if i%2 == 0 {
				staged = append(staged, launch.Process{Type: name, Command: "x", Memory: int(size), SidecarFor: []string{"web"}})
				continue
			}
			app.Sidecars = append(app.Sidecars, controller.AppSidecar{Name: name, Command: "x", ProcessTypes: controller.TypeNames("web"), Memory: size})
		}
		plan, err := controller.NewPlan(staged, app)
		Expect(err).NotTo(HaveOccurred())
		return plan.Processes[0].MemoryLimit.EnvString()
	}

	for _, process := range []memory.Size{768, 1024, 1536, 2048, 4096, 6144, 8192} {
		for count := 1; count <= 4; count++ {
			it(fmt.Sprintf("CF-22, CF-33 keeps a JVM of %s and %d sidecars within the process", process, count), func() {
				reserved := []memory.Size{32, 48, 24, 40}[:count]
				var sidecars memory.Size
				for _, size := range reserved {
					sidecars += size
				}
				heap, all := calculate(limit(process, reserved...))
				Expect(heap).To(BeNumerically(">", 0))
				Expect(all + sidecars).To(BeNumerically("<=", process))

				heapAlone, allAlone := calculate(limit(process))
				Expect(allAlone+sidecars).To(BeNumerically(">", process), "without the reservation there is no room for the sidecars")
				Expect(heapAlone-heap).To(BeNumerically("~", sidecars, 1), "it is the heap that makes room")
			})
		}
	}
}
