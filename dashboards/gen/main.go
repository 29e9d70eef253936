// Command gen writes the dashboards as JSON into each directory that it is given.
// `make generate` runs it. It is a module of its own, so that the exporter does not depend
// on the library for dashboards.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: gen DIRECTORY...")
		return 2
	}
	for _, dir := range args {
		for _, b := range boards() {
			if err := write(dir, b); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
		}
	}
	return 0
}

// boards returns all boards, in the order in which they link to each other.
func boards() []board {
	return []board{overview(), organization(), softwareAssets(), exporter()}
}

// write writes a board to a file named after its uid.
func write(dir string, b board) error {
	built, err := b.build()
	if err != nil {
		return fmt.Errorf("%s: %w", b.uid, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	file, err := root.Create(b.uid + ".json")
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(file)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false) // queries are full of < and >
	if err := encoder.Encode(built); err != nil {
		_ = file.Close()
		return fmt.Errorf("%s: %w", b.uid, err)
	}
	return file.Close()
}
