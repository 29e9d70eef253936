package table

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"license_exporter/client/rest"
	"license_exporter/internal/file"
	"license_exporter/internal/textfile"
)

const (
	// maxFile bounds a file in bytes. Its records are read one by one.
	maxFile = 1 << 30
	// quiet is how long a file must not have changed to be regarded as whole. maxChanging is how long
	// to wait for that.
	quiet       = time.Second
	maxChanging = 30 * time.Second
)

// The formats of tables.
const (
	CSV  = "csv"
	JSON = "json"
	YAML = "yaml"
)

// FileOptions say how to read a file.
type FileOptions struct {
	// Name is the name of the file in errors. The default is its path.
	Name string
	// Format is CSV, JSON, YAML or empty. If it is empty, it depends on the extension and, if that is
	// unknown, on the content.
	Format string
	// Records says where the list of records is in JSON and YAML, as an expression over the variable
	// body. If it is nil, the file must be a list.
	Records *Expression
	// Clock has the time. The zero value is the system's clock.
	Clock rest.Clock
}

// NewFile returns the table in a file, which implements Versioned, too. A file that is being written
// is read when it has not changed for a second. The file is read again each time.
func NewFile(path string, o FileOptions) Source {
	o.Name, o.Clock = cmp.Or(o.Name, path), o.Clock.OrSystem()
	return &fileSource{path: path, o: o}
}

type fileSource struct {
	path  string
	o     FileOptions
	whole atomic.Pointer[file.State] // the latest state that did not change for some time
}

// format reads tables of a format. Errors about the text are of type *textfile.Error.
type format interface {
	columns(io.Reader) ([]string, error)
	records(io.Reader, []Reference) iter.Seq2[Record, error]
}

// Version implements Versioned.
func (f *fileSource) Version(ctx context.Context) (any, error) {
	state, err := f.settle(ctx)
	if err != nil {
		return nil, f.failed(err)
	}
	return state, nil
}

// settle waits until the file is not being written.
func (f *fileSource) settle(ctx context.Context) (file.State, error) {
	begin := f.o.Clock.Now()
	state, err := file.Stat(f.path)
	for {
		if err != nil {
			return state, err
		}
		now := f.o.Clock.Now()
		age := now.Sub(state.Changed())
		if whole := f.whole.Load(); age >= quiet || whole != nil && *whole == state {
			break
		}
		if now.Sub(begin) >= maxChanging {
			return state, fmt.Errorf("the file has been changing for %s; write it under another name and rename it", maxChanging)
		}
		if err := f.o.Clock.Sleep(ctx, min(quiet, quiet-age)); err != nil {
			return state, fmt.Errorf("the file is being written: %w", err)
		}
		before := state
		if state, err = file.Stat(f.path); err == nil && state == before && age < 0 {
			break // the clock of the file's server is ahead of this one
		}
	}
	f.whole.Store(&state)
	return state, nil
}

// Columns implements Source.
func (f *fileSource) Columns(ctx context.Context) (columns []string, err error) {
	err = f.read(ctx, func(format format, r io.Reader) error {
		columns, err = format.columns(r)
		return err
	})
	return columns, f.failed(err)
}

// errStopped ends the reading of a file of whose records no more are wanted.
var errStopped = errors.New("stopped")

// Records implements Source.
func (f *fileSource) Records(ctx context.Context, refs []Reference) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		err := f.read(ctx, func(format format, r io.Reader) error {
			for record, err := range usable(format.records(r, refs)) {
				switch {
				case err != nil:
					return err
				case ctx.Err() != nil:
					return ctx.Err()
				case !yield(record, nil):
					return errStopped
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(Record{}, f.failed(err))
		}
	}
}

// usable passes records on. It ends with an error if there are records and none is good.
func usable(records iter.Seq2[Record, error]) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		n, good, problem := 0, 0, ""
		for record, err := range records {
			if n++; record.Problem == "" {
				good++
			} else if problem == "" {
				problem = record.Problem
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
		if n > 0 && good == 0 {
			yield(Record{}, fmt.Errorf("none of the %d records can be used; the first: %s", n, problem))
		}
	}
}

// workbooks are the beginnings of the files of spreadsheet programs: .xlsx and .ods, and .xls.
var workbooks = []string{"PK\x03\x04", "\xd0\xcf\x11\xe0"}

// read reads the file when it is whole.
func (f *fileSource) read(ctx context.Context, use func(format, io.Reader) error) error {
	state, err := f.settle(ctx)
	switch {
	case err != nil:
		return err
	case state.Size == 0:
		return errors.New("the file is empty")
	case state.Size > maxFile:
		return fmt.Errorf("the file has %d bytes; the limit is %d", state.Size, int64(maxFile))
	}
	opened, err := file.Open(f.path)
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }() // nothing was written
	r := bufio.NewReaderSize(io.LimitReader(opened, maxFile), 32<<10)
	if start, _ := r.Peek(len(workbooks[0])); slices.Contains(workbooks, string(start)) { // the error returns when the file is read
		return errors.New("the file is a workbook of a spreadsheet program; save it as CSV UTF-8")
	}
	err = use(f.format(r), r)
	if now, statErr := file.Stat(f.path); !errors.Is(err, errStopped) && (statErr != nil || now != state) {
		return errors.New("the file was changed while it was read; it will be read again")
	}
	return err
}

// format returns the format of the file.
func (f *fileSource) format(r *bufio.Reader) format {
	name := f.o.Format
	switch strings.ToLower(filepath.Ext(f.path)) {
	case ".csv", ".tsv", ".txt":
		name = cmp.Or(name, CSV)
	case ".json":
		name = cmp.Or(name, JSON)
	case ".yaml", ".yml":
		name = cmp.Or(name, YAML)
	}
	start, _ := r.Peek(512) // the error returns when the file is read
	return formatOf(cmp.Or(name, likelyFormat(start)), f.o.Records)
}

// likelyFormat returns the format of a text that begins like this.
func likelyFormat(start []byte) string {
	start = bytes.TrimSpace(bytes.TrimPrefix(start, []byte("\ufeff")))
	if bytes.HasPrefix(start, []byte("{")) || bytes.HasPrefix(start, []byte("[")) {
		return JSON
	}
	return CSV
}

// failed returns an error with the name of the file.
func (f *fileSource) failed(err error) error {
	if err == nil {
		return nil
	}
	if cause := (*fs.PathError)(nil); errors.As(err, &cause) {
		if err = cause.Err; errors.Is(err, fs.ErrNotExist) {
			path, _ := filepath.Abs(f.path) // without a working directory, the path is empty
			err = fmt.Errorf("%w; it must be at %s", err, cmp.Or(path, f.path))
		}
	}
	return textfile.In(f.o.Name, err)
}

// formatOf returns a format by its name. list says where its records are.
func formatOf(name string, list *Expression) format {
	switch name {
	case JSON:
		return jsonFormat(list)
	case YAML:
		return yamlFormat(list)
	}
	return csvFormat{}
}
