package gitsource

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

// indexed is an object in a pack, with its hash once that is known.
type indexed struct {
	hash   plumbing.Hash
	offset int64
	base   int32 // the object that it is a delta of, or one of the two values below
	kind   plumbing.ObjectType
	known  bool
}

const (
	noBase      int32 = -1 // not a delta
	unknownBase int32 = -2 // a delta of an object given by its hash
)

// maxBases limits the bytes of base objects that are cached for their deltas.
const maxBases = 4 << 20

// indexer computes the hashes of a pack's objects. It reads one object at a time, and never the content of one
// that exceeds the limit for files. It leaves out the deltas of such an object.
type indexer struct {
	pack    *pack
	objects []indexed
	refs    map[int]plumbing.Hash // the bases of deltas whose base is unknown
	bases   *cache.BufferLRU
}

// index reads the whole pack, and writes its index.
func (p *pack) index(ctx context.Context, directory string) error {
	x := &indexer{pack: p, refs: map[int]plumbing.Hash{}, bases: cache.NewBufferLRU(maxBases)}
	if err := x.scan(ctx); err != nil {
		return err
	}
	if err := x.resolve(ctx); err != nil {
		return err
	}
	return x.write(directory)
}

// scan reads the objects in order. It records the hashes of those that are not deltas.
func (x *indexer) scan(ctx context.Context) error {
	limits := x.pack.limits
	if _, err := x.pack.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	scanner := packfile.NewScanner(bufio.NewReaderSize(x.pack.file, 64<<10))
	_, count, err := scanner.Header()
	if err != nil {
		return errDamaged
	}
	if int64(count) > int64(limits.Objects) {
		return &limitError{"a commit", int64(limits.Objects), "objects"}
	}
	var inflated int64
	for range count {
		if err := ctx.Err(); err != nil {
			return err
		}
		progress(ctx)
		header, err := scanner.NextObjectHeader()
		if err != nil {
			return errDamaged
		}
		if inflated += header.Length; inflated > limits.Inflated || header.Length < 0 {
			return &limitError{"a commit", limits.Inflated, "bytes, unpacked"}
		}
		hasher := plumbing.NewHasher(header.Type, header.Length)
		size, _, err := scanner.NextObject(contextWriter{ctx, hasher})
		if err != nil || size != header.Length {
			return errors.Join(ctx.Err(), errDamaged)
		}
		if err := x.add(header, hasher.Sum()); err != nil {
			return err
		}
	}
	if _, err := scanner.Checksum(); err != nil {
		return errDamaged
	}
	return nil
}

// add records an object. hash is that of its content in the pack.
func (x *indexer) add(header *packfile.ObjectHeader, hash plumbing.Hash) error {
	object := indexed{offset: header.Offset, base: noBase, kind: header.Type}
	switch header.Type {
	case plumbing.OFSDeltaObject:
		base, found := slices.BinarySearchFunc(x.objects, header.OffsetReference, func(o indexed, offset int64) int { return cmp.Compare(o.offset, offset) })
		if !found {
			return errDamaged
		}
		object.base = int32(base)
	case plumbing.REFDeltaObject:
		object.base = unknownBase
		x.refs[len(x.objects)] = header.Reference
	case plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject:
		object.hash, object.known = hash, true
	default:
		return errDamaged
	}
	x.objects = append(x.objects, object)
	return nil
}

// resolve computes the hashes of all deltas.
func (x *indexer) resolve(ctx context.Context) error {
	for again := true; again; {
		again = x.findBases()
		for i := range x.objects {
			if x.objects[i].known || x.objects[i].base == unknownBase {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			progress(ctx)
			kind, content, err := x.content(i)
			if _, tooLarge := errors.AsType[*limitError](err); tooLarge || errors.Is(err, errNoBase) {
				continue
			}
			if err != nil {
				return err
			}
			x.objects[i].hash, x.objects[i].known = plumbing.ComputeHash(kind, content), true
		}
	}
	return nil
}

var errNoBase = errors.New("the base of the delta is not known yet")

// findBases looks for bases that are given by their hash, and reports whether it found another one.
func (x *indexer) findBases() (found bool) {
	if len(x.refs) == 0 {
		return false
	}
	places := map[plumbing.Hash]int32{}
	for i, object := range x.objects {
		if object.known {
			places[object.hash] = int32(i)
		}
	}
	for i, hash := range x.refs {
		if base, has := places[hash]; has {
			x.objects[i].base, found = base, true
			delete(x.refs, i)
		}
	}
	return found
}

// content returns the i-th object, whole.
func (x *indexer) content(i int) (plumbing.ObjectType, []byte, error) {
	var deltas []int
	for x.objects[i].base != noBase {
		if _, kept := x.bases.Get(x.objects[i].offset); kept {
			break
		}
		if deltas = append(deltas, i); len(deltas) > maxChain {
			return plumbing.InvalidObject, nil, errDamaged
		}
		if i = int(x.objects[i].base); i < 0 {
			return plumbing.InvalidObject, nil, errNoBase
		}
	}
	content, kept := x.bases.Get(x.objects[i].offset)
	if !kept {
		_, read, err := x.pack.entry(x.objects[i].offset)
		if err != nil {
			return plumbing.InvalidObject, nil, err
		}
		content = read
		x.bases.Put(x.objects[i].offset, content)
	}
	kind := x.objects[i].kind
	for j := len(deltas) - 1; j >= 0; j-- {
		_, delta, err := x.pack.entry(x.objects[deltas[j]].offset)
		if err == nil {
			content, err = x.pack.patch(content, delta)
		}
		if err != nil {
			return plumbing.InvalidObject, nil, err
		}
		x.objects[deltas[j]].kind = kind
		x.bases.Put(x.objects[deltas[j]].offset, content)
	}
	return kind, content, nil
}

// write writes the known objects, sorted.
func (x *indexer) write(directory string) (err error) {
	known := slices.DeleteFunc(x.objects, func(o indexed) bool { return !o.known })
	slices.SortFunc(known, func(a, b indexed) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	if x.pack.indexed, err = nameless(directory); err != nil {
		return err
	}
	buffered := bufio.NewWriter(x.pack.indexed)
	for _, object := range known {
		record := binary.BigEndian.AppendUint64(object.hash[:], uint64(object.offset))
		if _, err := buffered.Write(record); err != nil {
			return err
		}
	}
	x.pack.count = len(known)
	return buffered.Flush()
}

// contextWriter fails once its context is done: one object may take minutes.
type contextWriter struct {
	ctx context.Context
	io.Writer
}

func (w contextWriter) Write(content []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.Writer.Write(content)
}
