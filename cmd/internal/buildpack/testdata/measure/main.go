// Command measure runs a program, prints how long it took in milliseconds and
// its greatest memory in KB, and exits as it did. It is small itself: what a
// program's parent holds in memory counts as the program's.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

func main() {
	program := exec.Command(os.Args[1], os.Args[2:]...)
	program.Stdout, program.Stderr = os.Stderr, os.Stderr
	began := time.Now()
	err := program.Run()
	took := time.Since(began)
	if program.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	most := program.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS == "darwin" {
		most /= 1024 // it is in bytes there
	}
	fmt.Println(took.Milliseconds(), most)
	os.Exit(program.ProcessState.ExitCode())
}
