//go:build ignore

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// clients is how many connections send requests at once, each as often as it can.
const clients = 16

// A measurement is that of one turn.
type measurement struct {
	rate float64 // requests per second
	p99  float64 // microseconds
}

// load sends requests for a time.
func load(address string, turn time.Duration) (measurement, error) {
	var all sync.WaitGroup
	latencies := make([][]time.Duration, clients)
	failures := make([]error, clients)
	began := time.Now()
	end := began.Add(turn)
	for i := range clients {
		all.Go(func() { latencies[i], failures[i] = request(address, end) })
	}
	all.Wait()
	took := time.Since(began)
	if err := errors.Join(failures...); err != nil {
		return measurement{}, err
	}
	merged := slices.Concat(latencies...)
	if len(merged) == 0 {
		return measurement{}, errors.New("answered no request")
	}
	slices.Sort(merged)
	return measurement{
		rate: float64(len(merged)) / took.Seconds(),
		p99:  float64(merged[len(merged)*99/100].Microseconds()),
	}, nil
}

// request sends one request after the other on a connection, and returns how long each took.
func request(address string, end time.Time) ([]time.Duration, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	reader := bufio.NewReaderSize(connection, 16<<10)
	text := []byte("GET /config HTTP/1.1\r\nHost: " + address + "\r\nUser-Agent: bench\r\n\r\n")
	var latencies []time.Duration
	for began := time.Now(); began.Before(end); {
		if _, err := connection.Write(text); err != nil {
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

// skipAnswer reads an answer, which states its length or comes in chunks.
func skipAnswer(reader *bufio.Reader) error {
	length, chunked, err := skipHeader(reader)
	if err != nil {
		return err
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

func skipHeader(reader *bufio.Reader) (length int, chunked bool, err error) {
	for first := true; ; first = false {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return 0, false, err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
			return 0, false, fmt.Errorf("answered %s", line)
		}
		if len(line) <= 2 {
			return length, chunked, nil
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch string(name) {
		case "Content-Length":
			length, err = strconv.Atoi(string(bytes.TrimSpace(value)))
		case "Transfer-Encoding":
			chunked = true
		}
		if err != nil {
			return 0, false, err
		}
	}
}
