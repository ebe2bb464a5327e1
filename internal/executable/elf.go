package executable

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
)

// machines are the processors whose programs an architecture runs, its own first.
var machines = map[string][]elf.Machine{
	"386":      {elf.EM_386},
	"amd64":    {elf.EM_X86_64, elf.EM_386},
	"arm":      {elf.EM_ARM},
	"arm64":    {elf.EM_AARCH64, elf.EM_ARM},
	"loong64":  {elf.EM_LOONGARCH},
	"ppc64":    {elf.EM_PPC64},
	"ppc64le":  {elf.EM_PPC64},
	"riscv64":  {elf.EM_RISCV},
	"s390x":    {elf.EM_S390},
	"mips64le": {elf.EM_MIPS},
}

// processors are their names in messages.
var processors = map[elf.Machine]string{
	elf.EM_386: "386", elf.EM_X86_64: "amd64 (x86-64)", elf.EM_ARM: "arm", elf.EM_AARCH64: "arm64 (aarch64)",
	elf.EM_PPC64: "ppc64", elf.EM_RISCV: "riscv", elf.EM_S390: "s390x", elf.EM_MIPS: "mips", elf.EM_LOONGARCH: "loong64",
}

// systems are operating systems with their own ABI. Programs for Linux have none, or Linux's.
var systems = map[elf.OSABI]string{
	elf.ELFOSABI_FREEBSD: "FreeBSD", elf.ELFOSABI_NETBSD: "NetBSD", elf.ELFOSABI_OPENBSD: "OpenBSD", elf.ELFOSABI_SOLARIS: "Solaris",
}

// elfHeaderSize is the size of the part of the header that is the same for 32 and 64 bits, in
// bytes.
const elfHeaderSize = 20

func inspectELF(content io.ReaderAt, head []byte, arch string) (Info, error) {
	if len(head) < elfHeaderSize {
		return Info{}, &Error{Found: "the beginning of a program, and no more", Want: "all of it"}
	}
	var order binary.ByteOrder = binary.LittleEndian
	if elf.Data(head[elf.EI_DATA]) == elf.ELFDATA2MSB {
		order = binary.BigEndian
	}
	machine := elf.Machine(order.Uint16(head[18:]))
	system, foreign := systems[elf.OSABI(head[elf.EI_OSABI])]
	switch {
	case foreign:
		return Info{}, &Error{Found: "a program for " + system, Want: "one for Linux"}
	case !runs(arch, machine):
		return Info{}, &Error{Found: "a program for the processor " + processor(machine), Want: "one for " + processor(machines[arch][0]) + ", which the container has"}
	}
	switch elf.Type(order.Uint16(head[16:])) {
	case elf.ET_REL:
		return Info{}, &Error{Found: "an object file, which is not linked yet", Want: wantProgram}
	case elf.ET_CORE:
		return Info{}, &Error{Found: "the core dump of a program", Want: wantProgram}
	}
	return Info{Interpreter: linker(content)}, nil
}

// runs reports whether an architecture runs programs for a processor; false for unknown processors.
func runs(arch string, machine elf.Machine) bool {
	known, ok := machines[arch]
	for _, m := range known {
		if m == machine {
			return true
		}
	}
	return !ok
}

func processor(machine elf.Machine) string {
	if name, known := processors[machine]; known {
		return name
	}
	return fmt.Sprintf("number %d of ELF", machine)
}

// linker returns the dynamic linker that an ELF file names, or "". A file that package elf cannot
// read may still run, as packers leave them.
func linker(content io.ReaderAt) string {
	const maxPath = 4096 // bytes
	file, err := elf.NewFile(content)
	if err != nil {
		return ""
	}
	for _, part := range file.Progs {
		if part.Type != elf.PT_INTERP {
			continue
		}
		name, err := io.ReadAll(io.LimitReader(part.Open(), maxPath))
		if err != nil {
			return ""
		}
		return string(bytes.TrimRight(name, "\x00"))
	}
	return ""
}
