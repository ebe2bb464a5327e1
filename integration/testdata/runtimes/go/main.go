// Command limits says what a Go program believes it may use, and stays. With the
// arguments fill SECONDS CAP_MB it first fills nine tenths of that, at most
// CAP_MB, and keeps replacing what it holds, for as long as it runs. Go by itself
// knows no limit; then it is MEMORY_LIMIT.
package main

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

const mb = 1 << 20

func main() {
	log.SetFlags(0)
	memoryLimit := os.Getenv("MEMORY_LIMIT")
	limit, stated := debug.SetMemoryLimit(-1), "none"
	if limit != math.MaxInt64 {
		stated = fmt.Sprintf("%d MB", limit/mb)
	}
	fmt.Printf("go %s: limit %s, MEMORY_LIMIT %s\n", strings.TrimPrefix(runtime.Version(), "go"), stated, memoryLimit)
	if len(os.Args) == 1 {
		time.Sleep(math.MaxInt64)
	}
	if limit == math.MaxInt64 {
		limit = number(strings.TrimSuffix(memoryLimit, "m")) * mb
	}
	fill(min(limit*9/10, number(os.Args[3])*mb), number(os.Args[2]))
}

func fill(bytes, seconds int64) {
	const block = 16 << 10
	held := make([][]byte, bytes/block)
	for i := range held {
		held[i] = touched(block)
	}
	fmt.Printf("go is full at %d MB\n", bytes/mb)

	survived := time.After(time.Duration(seconds) * time.Second)
	for churn := time.Tick(50 * time.Millisecond); ; {
		select {
		case <-churn:
			for range 32 {
				held[rand.IntN(len(held))] = touched(block)
			}
		case <-survived:
			fmt.Printf("go has survived %d s\n", seconds)
		}
	}
}

// touched memory is really there: Go takes zeros from the system without writing
// them.
func touched(size int) []byte {
	block := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		block[i] = 1
	}
	return block
}

func number(text string) int64 {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		log.Fatalf("found %q; expected a number", text)
	}
	return value
}
