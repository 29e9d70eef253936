package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/status"
)

// errInterrupted is the error of a check that a signal ended.
var errInterrupted = errors.New("the check was interrupted before every account was tried")

// demoNote explains the problem that --check finds in the demo.
const demoNote = "The demo has an organization whose API access is switched off, to show what a problem looks like. So one problem and exit status 1 are expected."

// check tries every account once and prints what was found. It fails if there
// is any problem.
func check(ctx context.Context, e *engine.Engine, demo bool, stdout io.Writer) error {
	e.Refresh(ctx, engine.Selection{})
	if ctx.Err() != nil {
		return errInterrupted
	}
	problems := 0
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ACCOUNT\tORGANIZATION\tNAME\tMODEL\tLICENSES\tNEXT END\tPROBLEM")
	for _, line := range status.Check(e.Snapshots(engine.Selection{})) {
		licenses, end := "", ""
		if line.Counted {
			licenses = strconv.Itoa(line.Licenses)
		}
		if !line.NextEnd.IsZero() {
			end = line.NextEnd.UTC().Format(time.DateOnly)
		}
		if !line.Muted {
			problems += len(line.Problems)
		}
		texts := line.Problems
		for _, note := range line.Notes {
			texts = append(texts, "note: "+note)
		}
		printRow(table, []string{line.Account, line.Organization, line.Name, line.Model, licenses, end, strings.Join(texts, "; ")})
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, s := range e.Snapshots(engine.Selection{}) {
		if s.Preview == nil {
			continue
		}
		if err := printPreview(s.Name, s.Preview(), stdout); err != nil {
			return err
		}
	}
	if err := checkPolicies(e, stdout); err != nil {
		return err
	}
	if demo {
		if _, err := fmt.Fprintln(stdout, "\n"+demoNote); err != nil {
			return err
		}
	}
	switch problems {
	case 0:
		return nil
	case 1:
		return errors.New("check found 1 problem")
	}
	return fmt.Errorf("check found %d problems", problems)
}

// printPreview prints how the records of an account were read.
func printPreview(account string, p *collector.Preview, stdout io.Writer) error {
	if p == nil { // nothing could be read
		return nil
	}
	fmt.Fprintf(stdout, "\nAccount %s: %s\n", rest.Plain(account), p.Title)
	if len(p.Rows) > 0 {
		table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
		for _, row := range append([][]string{p.Header}, p.Rows...) {
			printRow(table, row)
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	if p.Text == "" {
		return nil
	}
	_, err := fmt.Fprintln(stdout, p.Text)
	return err
}

// printRow prints a row of a table.
func printRow(table io.Writer, row []string) {
	cells := make([]string, len(row))
	for i, cell := range row {
		cells[i] = cmp.Or(rest.Plain(cell), "-") // tabs and line ends would break the table
	}
	fmt.Fprintln(table, strings.Join(cells, "\t"))
}
