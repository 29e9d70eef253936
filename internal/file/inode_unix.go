//go:build unix

package file

import (
	"io/fs"
	"syscall"
)

// inode returns the number of a file, which another file at its path does not have.
func inode(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ino
	}
	return 0
}
