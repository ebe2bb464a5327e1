//go:build ignore

// Command config measures how fast config-server answers /config, next to a bare handler of
// net/http that writes the same bytes: in turns, in one run, the order changing.
//
//	config PROGRAM SECONDS   measures that config-server, each turn this long
//	config serve FILE        is the bare handler, at a port that it prints
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	turns   = 9  // of each server
	clients = 16 // at once
)

func main() {
	if len(os.Args) != 3 {
		fail(errors.New("expected PROGRAM SECONDS, or serve FILE"))
	}
	if os.Args[1] == "serve" {
		fail(serve(os.Args[2]))
	}
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	if err != nil || seconds <= 0 {
		fail(fmt.Errorf("found %q; expected a number of seconds", os.Args[2]))
	}
	held, err := measure(os.Args[1], time.Duration(seconds*float64(time.Second)))
	if err != nil {
		fail(err)
	}
	if !held {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "config:", err)
	os.Exit(2)
}

// serve is what config-server is compared with.
func serve(path string) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	length := strconv.Itoa(len(body))
	return http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		response.Header().Set("Content-Type", "application/json")
		response.Header().Set("Content-Length", length)
		_, _ = response.Write(body)
	}))
}

// A contestant is a server, and what was measured of it.
type contestant struct {
	name    string
	address string
	rates   []float64 // requests per second, of each turn
	p99     []float64 // microseconds
}

func measure(program string, duration time.Duration) (held bool, err error) {
	work, err := os.MkdirTemp("", "config-*")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(work)
	fmt.Println("| bytes | bare handler, requests/s | p99, µs | config-server, requests/s | p99, µs | throughput | p99 |")
	fmt.Println("| ---: | ---: | ---: | ---: | ---: | --- | --- |")
	held = true
	for _, size := range []int{64, 4 << 10, 64 << 10} {
		path := filepath.Join(work, strconv.Itoa(size)+".json")
		if err := os.WriteFile(path, content(size), 0o600); err != nil {
			return false, err
		}
		good, err := compare(program, path, size, duration)
		if err != nil {
			return false, err
		}
		held = held && good
	}
	return held, nil
}

// content is JSON of about a size, as config-server answers it.
func content(size int) []byte {
	var out bytes.Buffer
	out.WriteString(`{"a":1`)
	for i := 0; out.Len() < size-40; i++ {
		fmt.Fprintf(&out, `,"key.%06d":"value-%d"`, i, i)
	}
	out.WriteString("}\n")
	return out.Bytes()
}

func compare(program, path string, size int, duration time.Duration) (bool, error) {
	bare, stopBare, err := startBare(path)
	if err != nil {
		return false, err
	}
	defer stopBare()
	ours, stopOurs, err := startOurs(program, path)
	if err != nil {
		return false, err
	}
	defer stopOurs()
	for turn := -1; turn < turns; turn++ { // the one before is for the caches
		pair := []*contestant{bare, ours}
		if turn%2 != 0 {
			slices.Reverse(pair)
		}
		for _, c := range pair {
			if err := c.load(duration, turn >= 0); err != nil {
				return false, fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	return report(size, bare, ours), nil
}

// report prints a row. The bars are on the medians of what two turns one after the other came to.
func report(size int, bare, ours *contestant) bool {
	var rates, p99 []float64
	for i := range bare.rates {
		rates = append(rates, ours.rates[i]/bare.rates[i])
		p99 = append(p99, ours.p99[i]/bare.p99[i])
	}
	fast, steady := median(rates) >= 0.95, median(p99) <= 1.1
	fmt.Printf("| %d | %.0f | %.0f | %.0f | %.0f | %.2f (at least 0.95: %s) | %.2f (at most 1.1: %s) |\n", size,
		median(bare.rates), median(bare.p99), median(ours.rates), median(ours.p99), median(rates), verdict(fast), median(p99), verdict(steady))
	return fast && steady
}

func verdict(held bool) string {
	if held {
		return "held"
	}
	return "missed"
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func startBare(path string) (*contestant, func(), error) {
	command := exec.Command(os.Args[0], "serve", path)
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := command.Start(); err != nil {
		return nil, nil, err
	}
	stop := func() { _ = command.Process.Kill(); _ = command.Wait() }
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		stop()
		return nil, nil, err
	}
	return &contestant{name: "the bare handler", address: "127.0.0.1:" + strings.TrimSpace(line)}, stop, nil
}

func startOurs(program, path string) (*contestant, func(), error) {
	free, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	port := strconv.Itoa(free.Addr().(*net.TCPAddr).Port)
	if err := free.Close(); err != nil {
		return nil, nil, err
	}
	command := exec.Command(program)
	command.Env = []string{"CONFIG_SERVER_PORT=" + port, "CONFIG_SERVER_CONFIG=" + path}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := command.Start(); err != nil {
		return nil, nil, err
	}
	stop := func() { _ = command.Process.Kill(); _ = command.Wait() }
	reader := bufio.NewReader(output)
	if _, err := reader.ReadString('\n'); err != nil {
		stop()
		return nil, nil, err
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }() // its log
	return &contestant{name: "config-server", address: "127.0.0.1:" + port}, stop, nil
}

// load has clients ask as often as they can.
func (c *contestant) load(duration time.Duration, counts bool) error {
	var all sync.WaitGroup
	latencies := make([][]time.Duration, clients)
	failures := make([]error, clients)
	began := time.Now()
	end := began.Add(duration)
	for i := range clients {
		all.Go(func() { latencies[i], failures[i] = ask(c.address, end) })
	}
	all.Wait()
	took := time.Since(began)
	merged := slices.Concat(latencies...)
	if err := errors.Join(failures...); err != nil || len(merged) == 0 || !counts {
		return err
	}
	slices.Sort(merged)
	c.rates = append(c.rates, float64(len(merged))/took.Seconds())
	c.p99 = append(c.p99, float64(merged[len(merged)*99/100].Microseconds()))
	return nil
}

// ask is one client with a connection of its own.
func ask(address string, end time.Time) ([]time.Duration, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	reader := bufio.NewReaderSize(connection, 16<<10)
	request := []byte("GET /config HTTP/1.1\r\nHost: " + address + "\r\nUser-Agent: bench\r\n\r\n")
	var latencies []time.Duration
	for began := time.Now(); began.Before(end); {
		if _, err := connection.Write(request); err != nil {
			return nil, err
		}
		if err := skipAnswer(reader); err != nil {
			return nil, err
		}
		now := time.Now()
		latencies = append(latencies, now.Sub(began))
		began = now
	}
	return latencies, nil
}

// skipAnswer reads an answer, whose length is stated or which is in chunks.
func skipAnswer(reader *bufio.Reader) error {
	length, chunked := 0, false
	for first := true; ; first = false {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
			return fmt.Errorf("answered %s", line)
		}
		if len(line) <= 2 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch string(name) {
		case "Content-Length":
			length, err = strconv.Atoi(string(bytes.TrimSpace(value)))
		case "Transfer-Encoding":
			chunked = true
		}
		if err != nil {
			return err
		}
	}
	if !chunked {
		_, err := reader.Discard(length)
		return err
	}
	for {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if _, err := reader.Discard(int(size) + 2); err != nil || size == 0 {
			return err
		}
	}
}
