package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	chartFolder   = "deploy/helm/license_exporter"
	exampleConfig = "deploy/packages/config.yml"
)

// file is a file of an archive.
type file struct {
	name    string // in the archive
	mode    fs.FileMode
	content []byte
}

// read returns files of the repository for an archive, by the same names.
func read(names ...string) ([]file, error) {
	files := make([]file, 0, len(names))
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, file{name: name, mode: 0o644, content: content})
	}
	return files, nil
}

// archive writes the archive of a binary, with what README.md links to, and returns its path.
func (r release) archive(binary, goos, goarch string) (string, error) {
	names, err := trackedFiles("LICENSE", ":(glob)*.md", "docs", ":(glob)alerts/*.yml", ":(glob)alerts/mixin/*", ":(glob)dashboards/*.json",
		"deploy/compose", "deploy/systemd", chartFolder+"/README.md", ":!*.go")
	if err != nil {
		return "", err
	}
	files, err := read(append([]string{binary, exampleConfig}, names...)...)
	if err != nil {
		return "", err
	}
	files[0].name, files[0].mode = program, 0o755
	files[1].name = "config.yml"
	folder := program + "-" + r.version + "." + goos + "-" + goarch
	target := filepath.Join(out, folder)
	if goos == "windows" {
		files[0].name += ".exe"
		target += ".zip"
		return target, r.writeZip(target, folder, files)
	}
	target += ".tar.gz"
	return target, r.writeTar(target, folder, files)
}

// rulesAndDashboards writes the archive for those who run the exporter from an image.
func (r release) rulesAndDashboards() error {
	names, err := trackedFiles("LICENSE", ":(glob)alerts/*.yml", ":(glob)alerts/mixin/*", ":(glob)dashboards/*.json")
	if err != nil {
		return err
	}
	files, err := read(names...)
	if err != nil {
		return err
	}
	folder := program + "-rules-and-dashboards-" + r.version
	return r.writeTar(filepath.Join(out, folder+".tar.gz"), folder, files)
}

var chartVersions = regexp.MustCompile(`(?m)^(version|appVersion): .*$`)

// chart writes the Helm chart as helm package does, but with the same bytes each time.
func (r release) chart() error {
	names, err := trackedFiles(chartFolder, ":!"+chartFolder+"/ci")
	if err != nil {
		return err
	}
	files, err := read(names...)
	if err != nil {
		return err
	}
	for i := range files {
		f := &files[i]
		f.name = strings.TrimPrefix(f.name, chartFolder+"/")
		if f.name == "Chart.yaml" {
			f.content = chartVersions.ReplaceAll(f.content, []byte(`$1: "`+r.version+`"`))
		}
	}
	return r.writeTar(filepath.Join(out, program+"-"+r.version+".tgz"), program, files)
}

// writeTar writes a compressed tar archive in which all files are in one folder.
func (r release) writeTar(target, folder string, files []file) error {
	return create(target, func(w io.Writer) error {
		compressed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
		if err != nil {
			return err
		}
		archive := tar.NewWriter(compressed)
		for _, f := range files {
			header := &tar.Header{Name: path.Join(folder, f.name), Mode: int64(f.mode), Size: int64(len(f.content)), ModTime: r.time}
			if err := archive.WriteHeader(header); err != nil {
				return err
			}
			if _, err := archive.Write(f.content); err != nil {
				return err
			}
		}
		return errors.Join(archive.Close(), compressed.Close())
	})
}

// writeZip writes a zip archive in which all files are in one folder.
func (r release) writeZip(target, folder string, files []file) error {
	return create(target, func(w io.Writer) error {
		archive := zip.NewWriter(w)
		for _, f := range files {
			header := &zip.FileHeader{Name: path.Join(folder, f.name), Method: zip.Deflate, Modified: r.time}
			header.SetMode(f.mode)
			entry, err := archive.CreateHeader(header)
			if err != nil {
				return err
			}
			if _, err := entry.Write(f.content); err != nil {
				return err
			}
		}
		return archive.Close()
	})
}

// create creates a file and lets write fill it.
func create(target string, write func(io.Writer) error) error {
	f, err := os.Create(target)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
