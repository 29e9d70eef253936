// Package file reads files that an operator names, without waiting for them.
package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// ReadRegular returns the content of a regular file of at most limit bytes. It
// follows symbolic links. Anything else, such as a named pipe, is an error: reading
// it could take for ever. Each error is a *fs.PathError.
func ReadRegular(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = fmt.Errorf("it is larger than %d bytes", limit)
	}
	if err != nil {
		return nil, failed(path, err)
	}
	return content, nil
}

// Open opens a regular file for reading. It follows symbolic links, and refuses anything else as
// ReadRegular does. Each error is a *fs.PathError.
func Open(path string) (*os.File, error) {
	// Opening some kinds of files fails or has effects, so check the kind first. The
	// file may be replaced before it is opened, so do not wait, and check again.
	if _, err := Stat(path); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, failed(path, err)
	}
	info, err := f.Stat()
	if err == nil {
		err = checkRegular(info)
	}
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, failed(path, err)
	}
	return f, nil
}

// State is equal as long as nobody writes or replaces a file.
type State struct {
	// Size is the size in bytes.
	Size    int64
	changed int64 // in nanoseconds of Unix time
	inode   uint64
}

// Changed returns when the file was changed last.
func (s State) Changed() time.Time { return time.Unix(0, s.changed) }

// Stat returns the state of a regular file. It follows symbolic links, and refuses anything else as
// ReadRegular does. Each error is a *fs.PathError.
func Stat(path string) (State, error) {
	info, err := os.Stat(path)
	if err == nil {
		err = checkRegular(info)
	}
	if err != nil {
		return State{}, failed(path, err)
	}
	return State{info.Size(), info.ModTime().UnixNano(), inode(info)}, nil
}

func failed(path string, err error) error {
	return &fs.PathError{Op: "open", Path: path, Err: cause(err)}
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
