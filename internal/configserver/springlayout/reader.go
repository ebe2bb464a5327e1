package springlayout

import (
	"context"
	"fmt"
	"strings"
)

// reader reads the files for one request, each once.
type reader struct {
	ctx    context.Context
	tree   Tree
	layout Layout
	names  []string // of the files to look for, without extensions

	loaded    map[string]bool
	documents []*document
	values    int
	bytes     int // of files
	flat      int // of flat keys and text
}

// load reads the files that exist and have not been read before. The result is in order of precedence: the last
// file first, and in each file the last document first.
func (r *reader) load(files []reference) ([]*document, error) {
	var loaded []*document
	for i := len(files) - 1; i >= 0; i-- {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		file := files[i]
		if r.loaded[file.path] || !isLocal(file.path) {
			continue
		}
		documents, err := r.read(file)
		if err != nil {
			return nil, err
		}
		for j := len(documents) - 1; j >= 0; j-- {
			loaded = append(loaded, documents[j])
		}
	}
	return loaded, nil
}

// read returns the documents of one file, or none if it does not exist.
func (r *reader) read(file reference) ([]*document, error) {
	content, err := r.tree.File(file.path)
	if content == nil || err != nil {
		return nil, err
	}
	r.loaded[file.path] = true
	if r.bytes += len(content); r.bytes > maxBytes {
		return nil, fmt.Errorf("the files for one request come to more than %d bytes", maxBytes)
	}
	var parsed []*values
	for _, format := range formats {
		if strings.EqualFold(file.format, "."+format.extension) {
			if parsed, err = format.parse(file.path, content); err != nil {
				return nil, err
			}
		}
	}
	documents := make([]*document, len(parsed))
	for i, content := range parsed {
		number := i
		if len(parsed) == 1 {
			number = -1
		}
		documents[i] = &document{path: file.path, location: file.location, number: number, values: content, profileSpecific: file.profileSpecific, mayMove: file.profileSpecific}
		r.values += content.len()
		r.flat += content.bytes
	}
	if r.flat > maxBytes {
		return nil, fmt.Errorf("%s: found values of more than %d bytes with each key in full; expected no more", file.path, maxBytes)
	}
	r.documents = append(r.documents, documents...)
	if r.values > maxValues || len(r.documents) > maxDocuments {
		return nil, fmt.Errorf("the answer to one request has more than %d values, or more than %d documents", maxValues, maxDocuments)
	}
	for _, d := range documents {
		if err := bind(d, r.documents); err != nil {
			return nil, fmt.Errorf("%s: %w", d.path, err)
		}
	}
	return documents, nil
}
