package install

const (
	// headSize is how much of a file identifies its format, in bytes: the mark of a tar archive
	// comes after its first name.
	headSize = 512
	// bufferSize is how much of a file is unpacked at a time, in bytes.
	bufferSize = 64 << 10
)

// Readers read ahead by a few blocks of this size, so that reading, verifying and unpacking
// overlap.
const (
	aheadBlocks = 8
	aheadSize   = 1 << 20 // bytes
)
