// Command measure runs a program, prints its greatest memory in KB, and exits as it
// did. It is small itself: what a program's parent holds in memory counts as the
// program's. One that takes more than cpuSeconds of a processor is killed.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// cpuSeconds is many times what a slow machine needs for any bounded input, and
// nothing to one that grows with each of its nestings.
const cpuSeconds = 60

func main() {
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_CPU, &limit)
	limit.Cur = min(cpuSeconds, limit.Max)
	if err := errors.Join(err, syscall.Setrlimit(syscall.RLIMIT_CPU, &limit)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	program := exec.Command(os.Args[1], os.Args[2:]...)
	program.Stdout, program.Stderr = os.Stderr, os.Stderr
	err = program.Run()
	if program.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	most := program.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS == "darwin" {
		most /= 1024 // it is in bytes there
	}
	fmt.Println(most)
	os.Exit(program.ProcessState.ExitCode())
}
