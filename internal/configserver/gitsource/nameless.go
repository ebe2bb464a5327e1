package gitsource

import (
	"context"
	"errors"
	"io"
	"os"
)

// nameless creates a file without a name.
func nameless(directory string) (*os.File, error) {
	file, err := os.CreateTemp(directory, "config-server-git-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// readerOf returns a reader that fails once ctx is done.
func readerOf(ctx context.Context, reader io.Reader) io.Reader {
	return readerFunc(func(buffer []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return reader.Read(buffer)
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(buffer []byte) (int, error) { return f(buffer) }
