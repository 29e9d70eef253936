package table

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/client/rest"
)

var testTime = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// write writes a file that was changed at a time.
func write(t testing.TB, path, content string, changed time.Time) {
	t.Helper()
	if err := errors.Join(os.WriteFile(path, []byte(content), 0o600), os.Chtimes(path, changed, changed)); err != nil {
		t.Fatal(err)
	}
}

// testClock is a clock whose time passes while somebody sleeps.
type testClock struct {
	now   time.Time
	slept []time.Duration
	// during is called for each sleep, if it is set.
	during func()
}

func (c *testClock) clock() rest.Clock {
	return rest.Clock{Now: func() time.Time { return c.now }, Sleep: func(ctx context.Context, d time.Duration) error {
		c.slept = append(c.slept, d)
		c.now = c.now.Add(d)
		if c.during != nil {
			c.during()
		}
		return ctx.Err()
	}}
}

// refs returns references to columns, whose keys are columns.COLUMN in lower case.
func refs(columns ...string) []Reference {
	var refs []Reference
	for _, column := range columns {
		refs = append(refs, Reference{Key: "columns." + strings.ToLower(column), Column: column, Named: true})
	}
	return refs
}

// lines returns a line for each record, and one for the error.
func lines(ctx context.Context, s Source, refs []Reference) []string {
	var all []string
	for r, err := range s.Records(ctx, refs) {
		if err != nil {
			return append(all, err.Error())
		}
		var line strings.Builder
		fmt.Fprintf(&line, "%d/%d:", r.Line, r.Record)
		for _, v := range r.Values {
			switch v.Kind {
			case Absent:
				line.WriteString(" -")
			case Tree:
				fmt.Fprintf(&line, " %v", v.Tree)
			default:
				fmt.Fprintf(&line, " %q", v.Text)
			}
		}
		if r.Problem != "" {
			line.WriteString(" " + r.Problem)
		}
		all = append(all, line.String())
	}
	return all
}

// fileOf returns the table in a file with a content.
func fileOf(t testing.TB, name, content string, options ...func(*FileOptions)) Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	write(t, path, content, testTime.Add(-time.Hour))
	o := FileOptions{Name: name, Clock: (&testClock{now: testTime}).clock()}
	for _, option := range options {
		option(&o)
	}
	return NewFile(path, o)
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the records differ (-want +got):\n%s", diff)
	}
}

func TestVersionWaitsUntilTheFileIsWhole(t *testing.T) {
	for name, test := range map[string]struct {
		changed time.Duration // after now
		writes  int           // one for each sleep
		slept   []time.Duration
		want    string // of the error
	}{
		"old":                 {-time.Hour, 0, nil, ""},
		"just now":            {0, 0, []time.Duration{time.Second}, ""},
		"a moment ago":        {-300 * time.Millisecond, 0, []time.Duration{700 * time.Millisecond}, ""},
		"in the future":       {time.Hour, 0, []time.Duration{time.Second}, ""},
		"while it is written": {-300 * time.Millisecond, 2, []time.Duration{700 * time.Millisecond, time.Second, time.Second}, ""},
		"always written":      {0, 100, nil, "a.csv: the file has been changing for 30s; write it under another name and rename it"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.csv")
			c := &testClock{now: testTime}
			write(t, path, "a\n", testTime.Add(test.changed))
			n := 0
			c.during = func() {
				if n++; n <= test.writes {
					write(t, path, "a\n"+strings.Repeat("b", n), c.now)
				}
			}
			s := NewFile(path, FileOptions{Name: "a.csv", Clock: c.clock()}).(Versioned)
			version, err := s.Version(t.Context())
			if err != nil || test.want != "" {
				if fmt.Sprint(err) != test.want || version != nil {
					t.Errorf("the version is %v and the error %v, want %q", version, err, test.want)
				}
				return
			}
			if diff := cmp.Diff(test.slept, c.slept); diff != "" {
				t.Errorf("the sleeps differ (-want +got):\n%s", diff)
			}
			c.slept = nil
			if again, err := s.Version(t.Context()); err != nil || again != version || c.slept != nil {
				t.Errorf("the version changes from %v to %v after sleeping %v, with the error %v", version, again, c.slept, err)
			}
			write(t, path, "a\nc\n", testTime.Add(-time.Minute))
			if again, err := s.Version(t.Context()); err != nil || again == version {
				t.Errorf("the version stays %v, with the error %v", again, err)
			}
		})
	}
}

func TestVersionEndsWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	write(t, path, "a\n", time.Now().Add(time.Hour))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewFile(path, FileOptions{Name: "a.csv"}).(Versioned).Version(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// Whoever changes a file while it is read makes its records unusable.
func TestChangesWhileTheFileIsRead(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"it grows":       func(path string) error { return os.WriteFile(path, []byte("a\n1\n2\n3\n"), 0o600) },
		"it is touched":  func(path string) error { return os.Chtimes(path, testTime, testTime) },
		"it is removed":  os.Remove,
		"it is replaced": func(path string) error { return os.Rename(path+".new", path) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.csv")
			for _, path := range []string{path, path + ".new"} {
				write(t, path, "a\n1\n2\n", testTime.Add(-time.Hour))
			}
			var got error
			for r, err := range NewFile(path, FileOptions{Name: "a.csv", Clock: (&testClock{now: testTime}).clock()}).Records(t.Context(), refs("a")) {
				if got = err; r.Record == 1 {
					if err := change(path); err != nil {
						t.Fatal(err)
					}
				}
			}
			if want := "a.csv: the file was changed while it was read; it will be read again"; fmt.Sprint(got) != want {
				t.Errorf("the error is %v, want %s", got, want)
			}
		})
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "empty.csv"), "", testTime.Add(-time.Hour))
	write(t, filepath.Join(dir, "a.xlsx"), "PK\x03\x04\x14\x00", testTime.Add(-time.Hour))
	write(t, filepath.Join(dir, "a.xls"), "\xd0\xcf\x11\xe0\xa1\xb1", testTime.Add(-time.Hour))
	large := filepath.Join(dir, "large.csv")
	write(t, large, "a", testTime)
	if err := errors.Join(os.Truncate(large, 1<<30+1), os.Chtimes(large, testTime.Add(-time.Hour), testTime.Add(-time.Hour))); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"absent.csv": "absent.csv: no such file or directory; it must be at " + filepath.Join(dir, "absent.csv"),
		"empty.csv":  "empty.csv: the file is empty",
		"large.csv":  "large.csv: the file has 1073741825 bytes; the limit is 1073741824",
		"a.xlsx":     "a.xlsx: the file is a workbook of a spreadsheet program; save it as CSV UTF-8",
		"a.xls":      "a.xls: the file is a workbook of a spreadsheet program; save it as CSV UTF-8",
		"":           ": it is a directory; give the path of a regular file",
	} {
		s := NewFile(filepath.Join(dir, name), FileOptions{Name: name, Clock: (&testClock{now: testTime}).clock()})
		_, err := s.Columns(t.Context())
		if name == "" {
			want = dir + want
		}
		if fmt.Sprint(err) != want {
			t.Errorf("the error is %v, want %s", err, want)
		}
		wantLines(t, lines(t.Context(), s, refs("a")), want)
	}
}

func TestReadingEndsEarly(t *testing.T) {
	s, n := fileOf(t, "a.csv", "a\n1\n2\n"), 0
	for _, err := range s.Records(t.Context(), refs("a")) {
		if n++; err != nil {
			t.Fatal(err)
		}
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantLines(t, lines(ctx, s, refs("a")), "a.csv: context canceled")
	if n != 1 {
		t.Errorf("%d records", n)
	}
}
