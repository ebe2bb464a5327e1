package processtree

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
)

// Resident returns the resident memory of a family of processes, in bytes: a page that several of
// them share counts once, and one that they share with other processes counts in full.
//
// For one process, this is the kernel's number. For several, it is computed from /proc/PID/smaps,
// which says how many pages of a mapping are shared, but not with whom. Memory without a file is
// only shared within a family, by fork, so the shares add up. For pages of a file that are mapped
// more than once, the process with the most of them counts for the family: that is too little if
// processes share different pages of one file with each other, but never too much. A process that
// cannot be read counts in full.
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
	return min(own, sum) // it was not read at a single moment
}

// An extent is a mapped part of a file: device, inode, offset and length, as the kernel writes
// them.
type extent struct {
	file   string
	length uint64
}

// A mapping is a part of a process's memory; sizes are in bytes.
type mapping struct {
	extent
	file bool // a file, or shared memory
	// resident is the total; proportional divides shared pages by their number of processes; alone
	// is mapped by no other process; anonymous no longer belongs to the file, since it was written
	// to.
	resident, proportional, alone, anonymous int64
}

// own returns the size that counts for the process itself.
func (m mapping) own() int64 {
	if !m.file {
		return m.proportional
	}
	return min(m.anonymous, m.proportional) + max(m.alone-m.anonymous, 0)
}

// shared returns how much of the file other processes map, too, inside or outside the family.
func (m mapping) shared() int64 {
	return max(m.resident-m.anonymous-max(m.alone-m.anonymous, 0), 0)
}

// readMappings reads /proc/PID/smaps. It returns false if it cannot be read.
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

// parseMapping parses a mapping's first line: addresses, permissions, offset, device, inode, path.
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

// add adds one of a mapping's sizes.
func (m *mapping) add(key, value []byte) {
	kilobytes, err := strconv.ParseInt(string(bytes.TrimSpace(bytes.TrimSuffix(value, []byte("kB")))), 10, 64)
	if err != nil {
		return // not a size
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
