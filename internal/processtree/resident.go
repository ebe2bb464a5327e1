package processtree

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
)

// Resident is the memory that these processes, a family, have resident, in bytes: a
// page that several of them have counts once, and one that they share with others
// counts whole.
//
// Of one process this is what the kernel tells. Of several it is worked out from
// /proc/PID/smaps, which says how many pages of a mapping are shared, and not with
// whom. Memory without a file behind it is shared within a family alone, by fork, so
// that the shares add up. Of the pages of a file that are mapped more than once, the
// process with the most of them counts for the family: too little where processes of
// the family share different pages of one file with each other, never too much. A
// process that the kernel does not let be read counts whole.
func Resident(family []Process) int64 {
	var sum int64
	living := 0
	for _, p := range family {
		sum += p.Resident
		if !p.Zombie {
			living++
		}
	}
	if living < 2 {
		return sum
	}
	var own int64
	shared := map[extent]int64{}
	for _, p := range family {
		if p.Zombie {
			continue
		}
		mappings, ok := readMappings(p.Pid)
		if !ok {
			own += p.Resident
			continue
		}
		for _, m := range mappings {
			own += m.own()
			if m.file {
				shared[m.extent] = max(shared[m.extent], m.shared())
			}
		}
	}
	for _, size := range shared {
		own += size
	}
	return min(own, sum) // it was not read at one moment
}

// An extent is a part of a file that is mapped: which device, inode, offset and
// length, as the kernel writes them.
type extent struct {
	file   string
	length uint64
}

// A mapping is a part of a process's memory; sizes are in bytes.
type mapping struct {
	extent
	file bool // there is a file behind it, or memory that is shared as one
	// resident is all of it, proportional its part of what it shares, alone what no
	// other process maps, and anonymous what no file is behind any more, since it was
	// written to.
	resident, proportional, alone, anonymous int64
}

// own is what counts for the process itself.
func (m mapping) own() int64 {
	if !m.file {
		return m.proportional
	}
	return min(m.anonymous, m.proportional) + max(m.alone-m.anonymous, 0)
}

// shared is how much of the file is mapped by others, too, of the family or not.
func (m mapping) shared() int64 {
	return max(m.resident-m.anonymous-max(m.alone-m.anonymous, 0), 0)
}

// readMappings reads /proc/PID/smaps, and is false where that cannot be read.
func readMappings(pid int) ([]mapping, bool) {
	file, err := os.Open("/proc/" + strconv.Itoa(pid) + "/smaps")
	if err != nil {
		return nil, false
	}
	defer file.Close() // it was only read
	var all []mapping
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		key, rest, _ := bytes.Cut(lines.Bytes(), []byte(" "))
		if !bytes.HasSuffix(key, []byte(":")) {
			all = append(all, parseMapping(key, rest))
		} else if len(all) > 0 {
			all[len(all)-1].add(key, rest)
		}
	}
	return all, lines.Err() == nil && len(all) > 0
}

// parseMapping reads a mapping's first line: addresses, permissions, offset, device,
// inode, path.
func parseMapping(addresses, rest []byte) mapping {
	low, high, _ := bytes.Cut(addresses, []byte("-"))
	from, _ := strconv.ParseUint(string(low), 16, 64)
	to, _ := strconv.ParseUint(string(high), 16, 64)
	m := mapping{extent: extent{length: to - from}}
	fields := bytes.Fields(rest)
	const offset, device, inode = 1, 2, 3
	if len(fields) <= inode || string(fields[inode]) == "0" {
		return m
	}
	m.file = true
	m.extent.file = string(fields[device]) + " " + string(fields[inode]) + " " + string(fields[offset])
	return m
}

// add takes in one of a mapping's sizes.
func (m *mapping) add(key, value []byte) {
	kilobytes, err := strconv.ParseInt(string(bytes.TrimSpace(bytes.TrimSuffix(value, []byte("kB")))), 10, 64)
	if err != nil {
		return // it is no size
	}
	switch size := kilobytes << 10; string(key) {
	case "Rss:":
		m.resident = size
	case "Pss:":
		m.proportional = size
	case "Private_Clean:", "Private_Dirty:":
		m.alone += size
	case "Anonymous:":
		m.anonymous = size
	}
}
