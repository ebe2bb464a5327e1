//go:build ignore

package main

import (
	"fmt"
	"slices"
)

// The bars of config-server: how many times a bare handler's requests per second, and how many times its p99.
const (
	leastRate = 0.95
	mostP99   = 1.1
)

func printHead() {
	fmt.Println("| bytes | compared with a handler | its requests/s | p99, µs | config-server, requests/s | p99, µs | throughput | p99 |")
	fmt.Println("| ---: | --- | ---: | ---: | ---: | ---: | --- | --- |")
}

// report prints a row. The bars are on the medians of the ratios, each of two turns in the same round.
func report(size int, bare, ours *server) (held bool) {
	var rates, p99 []float64
	for i := range bare.turns {
		rates = append(rates, ours.turns[i].rate/bare.turns[i].rate)
		p99 = append(p99, ours.turns[i].p99/bare.turns[i].p99)
	}
	fast, steady := median(rates) >= leastRate, median(p99) <= mostP99
	bareRate, bareP99 := bare.medians()
	ourRate, ourP99 := ours.medians()
	fmt.Printf("| %d | %s | %.0f | %.0f | %.0f | %.0f | %.2f (at least %.2f: %s) | %.2f (at most %.1f: %s) |\n", size, bare.name,
		bareRate, bareP99, ourRate, ourP99, median(rates), leastRate, verdict(fast), median(p99), mostP99, verdict(steady))
	return fast && steady
}

func (s *server) medians() (rate, p99 float64) {
	var rates, all []float64
	for _, turn := range s.turns {
		rates, all = append(rates, turn.rate), append(all, turn.p99)
	}
	return median(rates), median(all)
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
