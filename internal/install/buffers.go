package install

const (
	// headSize is how much of a file tells what it is, in bytes: a tar archive says
	// so behind its first name.
	headSize = 512
	// bufferSize is how much of it is unpacked at a time, in bytes.
	bufferSize = 64 << 10
)

// ahead is how much is read before it is asked for, so that reading, verifying
// and unpacking overlap: a few blocks of this size.
const (
	aheadBlocks = 8
	aheadSize   = 1 << 20 // bytes
)
