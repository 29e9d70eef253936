//go:build !unix

package file

import "io/fs"

// inode returns 0, since files have no numbers that are easy to get.
func inode(fs.FileInfo) uint64 { return 0 }
