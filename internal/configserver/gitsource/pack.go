package gitsource

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

// pack is a file of objects as git sends them, with an index in a file of its own: sorted records, each a hash
// and the object's offset in the pack. Neither is held in memory.
type pack struct {
	file    *os.File
	indexed *os.File
	count   int
	limits  Limits
}

const recordSize = hashSize + 8

var errDamaged = errors.New("the data from the repository is damaged")

// Close frees the disk space.
func (p *pack) Close() error {
	err := p.file.Close()
	if p.indexed != nil {
		err = errors.Join(err, p.indexed.Close())
	}
	return err
}

// record returns the i-th record of the index.
func (p *pack) record(i int) (hash plumbing.Hash, offset int64, err error) {
	var buffer [recordSize]byte
	if _, err := p.indexed.ReadAt(buffer[:], int64(i)*int64(recordSize)); err != nil {
		return hash, 0, fmt.Errorf("failed to read an index: %w", err)
	}
	return plumbing.Hash(buffer[:hashSize]), int64(binary.BigEndian.Uint64(buffer[hashSize:])), nil
}

// lower returns the first record that is not below a hash.
func (p *pack) lower(hash plumbing.Hash) (int, error) {
	low, high := 0, p.count
	for low < high {
		middle := (low + high) / 2
		at, _, err := p.record(middle)
		if err != nil {
			return 0, err
		}
		if bytes.Compare(at[:], hash[:]) < 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

// find returns the offset of an object, or plumbing.ErrObjectNotFound if it is not in the pack.
func (p *pack) find(hash plumbing.Hash) (int64, error) {
	i, err := p.lower(hash)
	if err != nil || i == p.count {
		return 0, errors.Join(err, plumbing.ErrObjectNotFound)
	}
	at, offset, err := p.record(i)
	if err == nil && at != hash {
		err = plumbing.ErrObjectNotFound
	}
	return offset, err
}

// maxBeginning limits how many objects may start with the same digits.
const maxBeginning = 100

// begin returns the objects whose hash starts with the hexadecimal digits.
func (p *pack) begin(digits string) ([]plumbing.Hash, error) {
	first := plumbing.NewHash(digits + "0000000000000000000000000000000000000000"[len(digits):])
	i, err := p.lower(first)
	var found []plumbing.Hash
	for ; err == nil && i < p.count && len(found) < maxBeginning; i++ {
		hash, _, reading := p.record(i)
		if err = reading; err != nil || hash.String()[:len(digits)] != digits {
			break
		}
		found = append(found, hash)
	}
	return found, err
}

// object reads the object at an offset, and applies the deltas that it consists of.
func (p *pack) object(offset int64) (plumbing.ObjectType, []byte, error) {
	var deltas [][]byte
	for range maxChain {
		header, content, err := p.entry(offset)
		if err != nil {
			return plumbing.InvalidObject, nil, err
		}
		switch header.Type {
		case plumbing.OFSDeltaObject:
			offset = header.OffsetReference
		case plumbing.REFDeltaObject:
			if offset, err = p.find(header.Reference); err != nil {
				return plumbing.InvalidObject, nil, err
			}
		default:
			for i := len(deltas) - 1; i >= 0 && err == nil; i-- {
				content, err = p.patch(content, deltas[i])
			}
			return header.Type, content, err
		}
		deltas = append(deltas, content)
	}
	return plumbing.InvalidObject, nil, errDamaged
}

// maxChain limits the length of a chain of deltas, as git does.
const maxChain = 4096

// entry reads the entry at an offset: an object or a delta.
func (p *pack) entry(offset int64) (*packfile.ObjectHeader, []byte, error) {
	scanner := packfile.NewScanner(io.NewSectionReader(p.file, 0, 1<<62))
	header, err := scanner.SeekObjectHeader(offset)
	if err != nil {
		return nil, nil, fmt.Errorf("failed to read an object: %w", err)
	}
	if header.Length > p.limits.File {
		return nil, nil, &limitError{"an object", p.limits.File, "bytes"}
	}
	var content bytes.Buffer
	if _, _, err := scanner.NextObject(&content); err != nil {
		return nil, nil, fmt.Errorf("failed to read an object: %w", err)
	}
	if int64(content.Len()) != header.Length {
		return nil, nil, errDamaged
	}
	return header, content.Bytes(), nil
}

// patch applies a delta, unless the result would be larger than an object may be.
func (p *pack) patch(base, delta []byte) ([]byte, error) {
	size, err := patchedSize(delta)
	if err != nil {
		return nil, err
	}
	if size > uint64(p.limits.File) {
		return nil, &limitError{"an object", p.limits.File, "bytes"}
	}
	if size == 0 {
		return []byte{}, nil
	}
	content, err := packfile.PatchDelta(base, delta)
	if err != nil || uint64(len(content)) != size {
		return nil, errDamaged
	}
	return content, nil
}

// patchedSize returns the size of the result, which a delta states after the size of its base.
func patchedSize(delta []byte) (uint64, error) {
	_, base := binary.Uvarint(delta)
	if base <= 0 {
		return 0, errDamaged
	}
	size, length := binary.Uvarint(delta[base:])
	if length <= 0 {
		return 0, errDamaged
	}
	return size, nil
}
