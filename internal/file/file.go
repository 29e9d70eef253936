// Package file reads files that an operator names, without waiting for them.
package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// ReadRegular returns the content of a regular file of at most limit bytes. It
// follows symbolic links. Anything else, such as a named pipe, is an error: reading
// it could take for ever. Each error is a *fs.PathError.
func ReadRegular(path string, limit int64) ([]byte, error) {
	failed := func(err error) error { return &fs.PathError{Op: "open", Path: path, Err: err} }
	// Opening some kinds of files fails or has effects, so check the kind first. The
	// file may be replaced before it is opened, so do not wait, and check again.
	info, err := os.Stat(path)
	if err == nil {
		err = checkRegular(info)
	}
	if err != nil {
		return nil, failed(cause(err))
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, failed(cause(err))
	}
	defer func() { _ = f.Close() }() // nothing was written
	if info, err = f.Stat(); err == nil {
		err = checkRegular(info)
	}
	if err != nil {
		return nil, failed(cause(err))
	}
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, failed(cause(err))
	}
	if int64(len(content)) > limit {
		return nil, failed(fmt.Errorf("it is larger than %d bytes", limit))
	}
	return content, nil
}

// cause returns an error without the path.
func cause(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

func checkRegular(info fs.FileInfo) error {
	kind := "not a regular file"
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		kind = "a directory"
	case mode&fs.ModeNamedPipe != 0:
		kind = "a named pipe"
	case mode&fs.ModeSocket != 0:
		kind = "a socket"
	case mode&fs.ModeDevice != 0:
		kind = "a device"
	}
	return fmt.Errorf("it is %s; give the path of a regular file", kind)
}
