package file

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestReadRegular(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(
		os.WriteFile(in("plain"), []byte("12345"), 0o600),
		os.Symlink("plain", in("link")),
		os.Symlink("loop", in("loop")),
		syscall.Mkfifo(in("pipe"), 0o600),
		os.Symlink("pipe", in("link-to-pipe")),
	); err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", in("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, test := range []struct {
		path  string
		limit int64
		want  string // of the error
	}{
		{in("plain"), 5, ""},
		{in("link"), 5, ""},
		{in("plain"), 4, "it is larger than 4 bytes"},
		{in("absent"), 5, "no such file or directory"},
		{in("loop"), 5, "too many levels of symbolic links"},
		{in("pipe"), 5, "it is a named pipe; give the path of a regular file"},
		{in("link-to-pipe"), 5, "it is a named pipe; give the path of a regular file"},
		{in("socket"), 5, "it is a socket; give the path of a regular file"},
		{dir, 5, "it is a directory; give the path of a regular file"},
		{os.DevNull, 5, "it is a device; give the path of a regular file"},
	} {
		content, err := ReadRegular(test.path, test.limit)
		var pathError *fs.PathError
		switch {
		case test.want == "":
			if string(content) != "12345" || err != nil {
				t.Errorf("%s: %q, %v", test.path, content, err)
			}
		case !errors.As(err, &pathError) || pathError.Path != test.path || !strings.HasSuffix(err.Error(), ": "+test.want):
			t.Errorf("%s: %v, want %s", test.path, err, test.want)
		}
		if test.limit < 5 {
			continue // neither of these has a limit
		}
		f, openErr := Open(test.path)
		if openErr == nil {
			_ = f.Close() // nothing was written
		}
		if _, statErr := Stat(test.path); fmt.Sprint(openErr) != fmt.Sprint(err) || fmt.Sprint(statErr) != fmt.Sprint(err) {
			t.Errorf("%s: Open fails with %v and Stat with %v, want %v", test.path, openErr, statErr, err)
		}
	}
}

func TestStateChangesWithTheFile(t *testing.T) {
	path, other := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	begin := time.Unix(1_800_000_000, 5)
	write := func(path, content string, changed time.Time) {
		t.Helper()
		if err := errors.Join(os.WriteFile(path, []byte(content), 0o600), os.Chtimes(path, changed, changed)); err != nil {
			t.Fatal(err)
		}
	}
	state := func() State {
		t.Helper()
		s, err := Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	write(path, "12345", begin)
	before := state()
	if again := state(); again != before || before.Size != 5 || !before.Changed().Equal(begin) {
		t.Fatalf("the state is %v and then %v", before, again)
	}
	for _, change := range []struct {
		name string
		make func()
	}{
		{"another size", func() { write(path, "123456", begin) }},
		{"another time", func() { write(path, "54321", begin.Add(1)) }},
		{"another file", func() { // the last, since its number stays
			write(other, "54321", begin)
			if err := os.Rename(other, path); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		change.make()
		if state() == before {
			t.Errorf("the state is the same after %s", change.name)
		}
		write(path, "12345", begin)
	}
}
