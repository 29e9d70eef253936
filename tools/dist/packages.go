package main

import (
	"io"
	"path/filepath"
	"runtime/debug"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/CycloneDX/cyclonedx-gomod/pkg/generate/bin"
	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb"
	_ "github.com/goreleaser/nfpm/v2/rpm"
	"github.com/rs/zerolog"
)

// packages writes the packages for Debian and Red Hat.
func (r release) packages(goarch string) error {
	settings, err := nfpm.ParseFileWithEnvMapping("deploy/packages/nfpm.yml", func(name string) string {
		return map[string]string{"ARCH": goarch, "VERSION": r.version}[name]
	})
	if err != nil {
		return err
	}
	for _, format := range []string{"deb", "rpm"} {
		info, err := settings.Get(format)
		if err != nil {
			return err
		}
		packager, err := nfpm.Get(format)
		if err != nil {
			return err
		}
		nfpm.WithDefaults(info)
		target := filepath.Join(out, packager.ConventionalFileName(info))
		if err := create(target, func(w io.Writer) error { return packager.Package(info, w) }); err != nil {
			return err
		}
	}
	return nil
}

const sbomModule = "github.com/CycloneDX/cyclonedx-gomod"

// sbom writes what a binary was built from. It has no time and no serial number, so
// that the same binary gives the same bytes.
func (r release) sbom(binary, target string) error {
	generator, err := bin.NewGenerator(binary, bin.WithIncludeStdlib(true), bin.WithVersionOverride("v"+r.version), bin.WithLogger(zerolog.Nop()))
	if err != nil {
		return err
	}
	bom, err := generator.Generate()
	if err != nil {
		return err
	}
	bom.Metadata.Component.Licenses = &cyclonedx.Licenses{{License: &cyclonedx.License{ID: "Apache-2.0"}}}
	maker := cyclonedx.Component{Type: cyclonedx.ComponentTypeApplication, Name: sbomModule}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == sbomModule {
				maker.Version = m.Version
			}
		}
	}
	bom.Metadata.Tools = &cyclonedx.ToolsChoice{Components: &[]cyclonedx.Component{maker}}
	return create(target, func(w io.Writer) error {
		return cyclonedx.NewBOMEncoder(w, cyclonedx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
	})
}
