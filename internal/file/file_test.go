package file

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
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
	}
}
